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

    /// <summary>
    /// The full path of a file or folder of it. The calling test is skipped where the whole folder is missing, and fails
    /// where the folder is there without this part.
    /// </summary>
    public static string Require(params string[] parts)
    {
        if (!Directory.Exists(Root))
        {
            Assert.Inconclusive($"{Missing}: there is no folder '{Root}' (environment variable SSNA_SHARED).");
        }
        string path = Path.Combine([Root, .. parts]);
        Assert.IsTrue(File.Exists(path) || Directory.Exists(path), $"'{Root}' lacks '{Path.Combine(parts)}'.");
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
