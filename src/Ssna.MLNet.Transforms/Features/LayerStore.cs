using System.Collections.Concurrent;

namespace Ssna.MLNet.Features;

/// <summary>The extracted layers of texts: in memory up to a bound, and in a folder where one is given.</summary>
/// <remarks>
/// What is in memory stays there. A catalogue larger than the bound is read from end to end again and again, and throwing
/// the oldest out would then throw out all of it before it is asked for.
/// </remarks>
/// <param name="valueLength">Floats of a text.</param>
/// <param name="maximumBytes">The bound of the values in memory.</param>
/// <param name="cache">The folder's files, or null.</param>
internal sealed class LayerStore(int valueLength, long maximumBytes, LayerCache? cache)
{
    private readonly ConcurrentDictionary<TextKey, float[]> _memory = [];
    private readonly long _maximumTexts = maximumBytes / ((valueLength * sizeof(float)) + TextKey.Size);

    /// <summary>The values of a text if they are in memory, else null.</summary>
    public float[]? FindInMemory(TextKey key) => _memory.GetValueOrDefault(key);

    /// <summary>Makes <see cref="Find"/> see what other processes have added to the folder.</summary>
    public void Refresh() => cache?.Refresh();

    /// <summary>The values of a text from memory or folder, else null.</summary>
    public float[]? Find(TextKey key)
    {
        if (FindInMemory(key) is { } values)
        {
            return values;
        }
        values = cache?.Find(key);
        if (values is not null)
        {
            Keep(key, values);
        }
        return values;
    }

    /// <summary>Adds what was computed.</summary>
    public void Add(ReadOnlySpan<TextKey> keys, ReadOnlySpan<float[]> values)
    {
        cache?.Add(keys, values);
        for (int i = 0; i < keys.Length; i++)
        {
            Keep(keys[i], values[i]);
        }
    }

    private void Keep(TextKey key, float[] values)
    {
        if (_memory.Count < _maximumTexts)
        {
            _memory.TryAdd(key, values);
        }
    }
}
