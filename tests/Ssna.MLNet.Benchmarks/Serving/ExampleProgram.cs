using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>An example that was built with this program.</summary>
internal static class ExampleProgram
{
    /// <summary>Its .dll.</summary>
    public static string Find(string example)
    {
        // This program's output folder ends in bin/CONFIGURATION/FRAMEWORK, and so does an example's.
        string[] build =
        [
            .. AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..],
        ];
        return Path.Combine([SharedFolder.Checkout, "examples", example, .. build, $"{example}.dll"]);
    }
}
