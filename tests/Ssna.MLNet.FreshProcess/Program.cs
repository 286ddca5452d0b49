// What a new process makes of a saved model, or of TorchSharp's native libraries. Tests start it and compare.
//   transform MODEL.zip DATA.idv COLUMN   one line a row: the column's float values as hexadecimal bits
//   dispose MODEL.zip ITEMS.idv SEQUENCES.idv ROUNDS   a line an operation that other threads are at when a model is disposed of
//   train MODEL.zip CHECKPOINTS           trains and saves, going on from the folder's checkpoints; "" for none
//   write MODE LIMIT [KIND SOURCE TARGET]...   writes one thing after another: see Writes
//   hold FILE                             holds a file as a running search does, until it is killed
//   tensors                               the sum of six ones, by way of the library's native loader
//   encoders FOLDER...                    one line a model folder: "read", or what was thrown
//   models MODEL.zip...                   the same of models that SsnaTransformer.Load is given
using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

return args switch
{
    ["transform", var model, var data, var column] => Transform(model, data, column),
    ["dispose", var model, var items, var sequences, var rounds] => Dispose(model, items, sequences, rounds),
    ["tensors"] => Tensors(),
    ["encoders", .. var folders] => Try(folders, ReadEncoder),
    ["models", .. var models] => Try(models, ReadModel),
    ["train", var model, var checkpoints] => LongTraining.Run(model, checkpoints),
    ["write", var mode, var limit, .. var jobs] => Writes.Run(
        mode,
        long.Parse(limit, CultureInfo.InvariantCulture),
        jobs
    ),
    ["hold", var file] => Hold(file),
    _ => 2,
};

static int Transform(string modelPath, string dataPath, string columnName)
{
    var mlContext = new MLContext();
    ITransformer model = mlContext.Model.Load(modelPath, out _);
    IDataView scored = model.Transform(mlContext.Data.LoadFromBinary(dataPath));
    DataViewSchema.Column column = scored.Schema[columnName];
    using DataViewRowCursor cursor = scored.GetRowCursor([column]);
    ValueGetter<VBuffer<float>> read = cursor.GetGetter<VBuffer<float>>(column);
    VBuffer<float> values = default;
    while (cursor.MoveNext())
    {
        read(ref values);
        Console.WriteLine(
            string.Join(
                ' ',
                values
                    .DenseValues()
                    .Select(value => BitConverter.SingleToInt32Bits(value).ToString("x8", CultureInfo.InvariantCulture))
            )
        );
    }
    (model as IDisposable)?.Dispose();
    return 0;
}

static int Dispose(string model, string items, string sequences, string rounds) =>
    new DisposeWhileUsed(model, items, sequences).Run(int.Parse(rounds, CultureInfo.InvariantCulture));

static int Hold(string path)
{
    using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    Console.WriteLine("held");
    Thread.Sleep(Timeout.Infinite);
    return 0;
}

static int Tensors()
{
    Type loader = Assembly
        .Load("Ssna.MLNet.Transforms")
        .GetType("Ssna.MLNet.Runtime.TorchRuntime", throwOnError: true)!;
    try
    {
        loader.GetMethod("EnsureLoaded")!.Invoke(null, null);
    }
    catch (TargetInvocationException error) when (error.InnerException is DllNotFoundException cause)
    {
        Console.WriteLine(cause.Message);
        return 1;
    }
    using TorchSharp.torch.Tensor ones = TorchSharp.torch.ones(2, 3); // (2, 3)
    Console.WriteLine(ones.sum().item<float>());
    return 0;
}

static int Try(string[] paths, Func<string, IDisposable> read)
{
    foreach (string path in paths)
    {
        try
        {
            using IDisposable _ = read(path);
            Console.WriteLine("read");
        }
        catch (Exception error)
        {
            Exception cause = error;
            while (cause is TargetInvocationException { InnerException: { } inner })
            {
                cause = inner;
            }
            Console.WriteLine($"{cause.GetType().Name}: {cause.Message.ReplaceLineEndings(" ")}");
        }
    }
    return 0;
}

static IDisposable ReadEncoder(string folder)
{
    var mlContext = new MLContext();
    var estimator =
        (IEstimator<ITransformer>)
            Type.GetType("Microsoft.ML.EncoderLayersCatalog, Ssna.MLNet.Transforms", throwOnError: true)!
                .GetMethods()
                .Single(method => method.Name == "ExtractEncoderLayers" && method.GetParameters().Length == 6)
                .Invoke(null, [mlContext.Transforms.Text, "Layers", "Text", folder, 1, null])!;
    return (IDisposable)estimator.Fit(mlContext.Data.LoadFromEnumerable(new[] { new { Text = "red pan" } }));
}

static IDisposable ReadModel(string path) =>
    (IDisposable)
        Type.GetType("Microsoft.ML.Trainers.Recommender.SsnaTransformer, Ssna.MLNet", throwOnError: true)!
            .GetMethod("Load")!
            .Invoke(null, [new MLContext(), path])!;
