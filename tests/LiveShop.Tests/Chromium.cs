using Microsoft.Playwright;

namespace LiveShop.Tests;

/// <summary>The system's Chromium, without a window. Nothing is downloaded: where there is none, the calling test is skipped.</summary>
internal static class Chromium
{
    /// <summary>What the message of a test begins with that is skipped for want of it; .ci/run looks for it.</summary>
    public const string Missing = "Chromium is missing";

    private static readonly string[] s_places =
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ];

    public static async Task<IBrowser> LaunchAsync(IPlaywright playwright) =>
        await playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = RequirePath(),
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--no-first-run",
                ],
            }
        );

    /// <summary>Where it is: environment variable SSNA_CHROMIUM, else where systems put it.</summary>
    public static string RequirePath()
    {
        string? named = Environment.GetEnvironmentVariable("SSNA_CHROMIUM");
        string? path = string.IsNullOrEmpty(named) ? Array.Find(s_places, File.Exists) : named;
        if (path is null)
        {
            Assert.Inconclusive(
                $"{Missing}: none of {string.Join(", ", s_places)} is there, and SSNA_CHROMIUM names none."
            );
        }
        return path;
    }
}
