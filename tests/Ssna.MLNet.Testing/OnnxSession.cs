using Microsoft.ML.OnnxRuntime;

namespace Ssna.MLNet.Testing;

/// <summary>An ONNX model in ONNX Runtime, on one thread of the CPU.</summary>
public sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();

    /// <param name="path">The .onnx.</param>
    public OnnxSession(string path)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(path, options);
    }

    /// <summary>What the file says of itself.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Computes the outputs.</summary>
    /// <param name="outputs">Their names.</param>
    /// <param name="inputs">Names and values.</param>
    /// <returns>The outputs, to be disposed.</returns>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        IReadOnlyCollection<string> outputs,
        params IReadOnlyList<(string Name, OrtValue Value)> inputs
    )
    {
        try
        {
            return _session.Run(_run, inputs.ToDictionary(input => input.Name, input => input.Value), outputs);
        }
        finally
        {
            foreach ((_, OrtValue value) in inputs)
            {
                value.Dispose();
            }
        }
    }

    /// <summary>A value of some shape.</summary>
    public static OrtValue Value<T>(T[] numbers, params long[] shape)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(numbers, shape);

    /// <summary>Rows of like length, filled up with a number on the right.</summary>
    public static OrtValue Rows(IReadOnlyList<IReadOnlyList<int>> rows, long filling, int? length = null)
    {
        int width = length ?? rows.Max(row => row.Count);
        long[] all =
        [
            .. rows.SelectMany(row => Enumerable.Range(0, width).Select(i => i < row.Count ? row[i] : filling)),
        ];
        return Value(all, rows.Count, width);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
