using System.Collections.Concurrent;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Hub;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Adaptation;

/// <summary>
/// The folder of a model that a setting names by its path, or by its id on the Hugging Face hub: looked up, and fetched, once for
/// all copies of the settings.
/// </summary>
/// <param name="wanted">Which files it has.</param>
internal sealed class NamedModel(HubFiles wanted)
{
    private readonly ConcurrentDictionary<(string Name, ModelHub? Hub), string> _found = new();

    /// <summary>Whether the name may be one of the hub's: then nothing is known of it until it is asked for.</summary>
    public static bool IsRemote(string name) => !Directory.Exists(name) && HubModel.Parse(name) is not null;

    /// <summary>The folder.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="hub">How a model is fetched; null as the environment says.</param>
    /// <param name="context">What takes lines, and stops it; null for nobody.</param>
    /// <exception cref="FileNotFoundException">There is neither such a folder nor such a model.</exception>
    public string Folder(string name, ModelHub? hub, RunContext? context = null) =>
        _found.GetOrAdd(
            (name, hub),
            key => (key.Hub ?? new ModelHub()).Find(key.Name, wanted, context ?? RunContext.None).Path
        );
}
