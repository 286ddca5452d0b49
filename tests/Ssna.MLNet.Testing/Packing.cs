using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Testing;

/// <summary>Packs projects of this repository, as they were built.</summary>
public static class Packing
{
    /// <summary>Release, or another configuration.</summary>
    // A test's output folder ends in bin/CONFIGURATION/FRAMEWORK.
    public static string Configuration { get; } =
        AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^2];

    /// <summary>The runtime identifier of the system at hand, as a native library's package is named by it.</summary>
    public static string RuntimeIdentifier => TorchPackages.Cpu["libtorch-cpu-".Length..];

    /// <summary>The package of a library as it was built, in a folder.</summary>
    /// <param name="project">Its name.</param>
    /// <param name="folder">The folder.</param>
    public static string Pack(string project, string folder)
    {
        Command.DotNet("pack", SourceOf(project), "-c", Configuration, "--no-build", "-o", folder);
        // Behind its own name comes the version; another's name may begin as this one's does.
        return Directory
            .GetFiles(folder, $"{project}.*.nupkg")
            .Single(path => char.IsAsciiDigit(Path.GetFileName(path)[project.Length + 1]));
    }

    /// <summary>The folder of a project of src.</summary>
    /// <param name="project">Its name.</param>
    public static string SourceOf(string project) => Path.Combine(SharedFolder.Checkout, "src", project);
}
