using System.Reflection;
using Microsoft.ML;
using TorchSharp;

namespace Ssna.MLNet.Runtime;

/// <summary>The versions of the libraries that decide what is computed and how it is saved.</summary>
internal static class LibraryVersions
{
    /// <summary>This library's name among them; its two packages have one version.</summary>
    public const string Own = "Ssna.MLNet";

    /// <summary>Those of this process, by name.</summary>
    public static IReadOnlyDictionary<string, string> Present { get; } =
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Own] = Of(typeof(LibraryVersions)),
            ["TorchSharp"] = Of(typeof(torch)),
            ["Microsoft.ML"] = Of(typeof(MLContext)),
        };

    // As the package has it: behind a plus stands the commit.
    private static string Of(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
