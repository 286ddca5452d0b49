// An application that references Microsoft.ML.TorchSharp beside this library. Tests start it.
//   ours ENCODER     the main job: extract, train, save, load, recommend; prints the items recommended
//   theirs           the members of TorchSharp that Microsoft.ML.TorchSharp calls and this TorchSharp lacks, a line each
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.Trainers.Recommender;

return args switch
{
    ["ours", var encoder] => Ours(encoder),
    ["theirs"] => Theirs(),
    _ => 2,
};

static int Ours(string encoder)
{
    var mlContext = new MLContext(1);
    IDataView items = mlContext.Data.LoadFromEnumerable(
        Enumerable.Range(0, 12).Select(i => new { Item = $"i{i}", Text = $"item {i}" })
    );
    IDataView users = mlContext.Data.LoadFromEnumerable(
        Enumerable
            .Range(0, 60)
            .Select(user => new { Sequence = Enumerable.Range(user, 5).Select(place => $"i{place % 12}").ToArray() })
    );
    var options = new SsnaTrainer.Options
    {
        Items = items,
        ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Text", encoder, layers: 2),
        MaximumEpochs = 2,
    };
    using var saved = new MemoryStream();
    using (SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(users))
    {
        mlContext.Model.Save(model, users.Schema, saved);
    }
    saved.Position = 0;
    using var loaded = (SsnaTransformer)mlContext.Model.Load(saved, out _);
    Console.WriteLine(string.Join(' ', loaded.Recommend(["i1", "i2"], k: 3).Select(item => item.Item)));
    return 0;
}

static int Theirs()
{
    Module module = typeof(TorchSharpCatalog).Assembly.ManifestModule;
    // Members of generic types and methods need arguments to be looked up; which ones does not matter.
    Type[] any = [typeof(float), typeof(float)];
    int found = 0;
    for (int token = 0x0A000001; ; token++) // the table of members of other assemblies
    {
        try
        {
            found += module.ResolveMember(token, any, any) is null ? 0 : 1;
        }
        catch (ArgumentOutOfRangeException)
        {
            break; // beyond the last
        }
        catch (Exception error) when (error is MissingMemberException)
        {
            Console.WriteLine(error.Message);
        }
        catch (Exception error) when (error is ArgumentException or TypeLoadException)
        {
            // Of a generic that these arguments do not suit.
        }
    }
    return found > 1000 ? 0 : 1;
}
