using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Ssna.MLNet.Testing;

/// <summary>
/// The folder of models, data and reference values that tests read but the project does not carry: named by the
/// environment variable SSNA_SHARED, else <c>../shared</c> beside the checkout.
/// </summary>
public static class SharedFolder
{
    /// <summary>What every message of a test skipped for want of the folder begins with; .ci/run looks for it.</summary>
    public const string Missing = "Reference material is missing";

    /// <summary>The full path of a file or folder of it; the calling test is skipped where it does not exist.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([Root, .. parts]);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Assert.Inconclusive(
                $"{Missing}: '{Path.Combine(parts)}' is not in the folder named by SSNA_SHARED ('{Root}')."
            );
        }
        return path;
    }

    /// <summary>The top folder of the checkout.</summary>
    public static string Checkout { get; } = FindCheckout();

    private static string Root { get; } =
        Environment.GetEnvironmentVariable("SSNA_SHARED") is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : Path.GetFullPath(Path.Combine(Checkout, "..", "shared"));

    private static string FindCheckout()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Ssna.MLNet.sln")))
            {
                return folder.FullName;
            }
        }
        throw new DirectoryNotFoundException($"No Ssna.MLNet.sln above '{AppContext.BaseDirectory}'.");
    }
}
