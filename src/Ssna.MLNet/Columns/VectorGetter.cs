using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Columns;

/// <summary>Getters of dense vectors.</summary>
internal static class VectorGetter
{
    /// <summary>Gives the current row's values, in memory that may be used again.</summary>
    public delegate ReadOnlySpan<float> Source();

    /// <summary>A getter that copies the current row's values.</summary>
    public static ValueGetter<VBuffer<float>> Create(Source source) =>
        (ref VBuffer<float> value) =>
        {
            ReadOnlySpan<float> values = source();
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, values.Length);
            values.CopyTo(editor.Values);
            value = editor.Commit();
        };
}
