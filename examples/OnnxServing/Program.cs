using OnnxServing;

// The ids of what a customer took, oldest first; before them the path of a model where it is another than QuickStart's.
(string path, string[] history) =
    args is [var first, .. var rest] && first.EndsWith(".onnx", StringComparison.Ordinal)
        ? (first, rest)
        : (Path.Combine("artifacts", "quickstart", "model.onnx"), args);
if (!File.Exists(path))
{
    Console.Error.WriteLine(
        $"Expected an exported model in '{path}', found none: run examples/QuickStart first, or name another before the items."
    );
    return 1;
}

using var recommender = new ExportedRecommender(path);
foreach ((string item, float score) in recommender.Recommend(history, k: 10))
{
    Console.WriteLine(FormattableString.Invariant($"{item} {score:F3}"));
}
return 0;
