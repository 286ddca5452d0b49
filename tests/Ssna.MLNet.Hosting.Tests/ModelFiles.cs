using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Hosting.Tests;

/// <summary>Saved models of the ring shop that are told apart by their catalogues, and a place for the one that is served.</summary>
internal sealed class ModelFiles : IDisposable
{
    private static readonly Lazy<byte[]> s_whole = new(() => Save(model => model.WithoutItems<string>([])));
    private static readonly Lazy<byte[]> s_smaller = new(() => Save(model => model.WithoutItems(["item00"])));

    private readonly TemporaryFolder _folder = new();

    public ModelFiles() => Replace(Whole);

    /// <summary>All items.</summary>
    public static byte[] Whole => s_whole.Value;

    /// <summary>All but one.</summary>
    public static byte[] Smaller => s_smaller.Value;

    /// <summary>Where the model is that is served.</summary>
    public string Path => _folder["model.zip"];

    /// <summary>Puts another file in its place, whole.</summary>
    public void Replace(byte[] content)
    {
        File.WriteAllBytes(_folder["next.zip"], content);
        File.Move(_folder["next.zip"], Path, overwrite: true);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Save(Func<SsnaTransformer, SsnaTransformer> change)
    {
        using var folder = new TemporaryFolder();
        using SsnaTransformer trained = RingShop.Fit<string>(new MLContext(1));
        using SsnaTransformer model = change(trained);
        model.Save(folder["model.zip"]);
        return File.ReadAllBytes(folder["model.zip"]);
    }
}
