using OnnxServing;

// The ids of what a customer took, oldest first; --model names another model than QuickStart's.
int at = Array.IndexOf(args, "--model");
string path = at >= 0 ? args[at + 1] : Path.Combine("artifacts", "quickstart", "model.onnx");
string[] history = at >= 0 ? [.. args[..at], .. args[(at + 2)..]] : args;
if (!File.Exists(path))
{
    Console.Error.WriteLine(
        $"Expected an exported model in '{path}', found none: run examples/QuickStart first, or name one by --model."
    );
    return 1;
}

using var recommender = new ExportedRecommender(path);
foreach ((string item, float score) in recommender.Recommend(history, k: 10))
{
    Console.WriteLine(FormattableString.Invariant($"{item} {score:F3}"));
}
return 0;
