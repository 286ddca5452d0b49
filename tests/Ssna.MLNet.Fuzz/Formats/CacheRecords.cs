using Ssna.MLNet.Features;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>The cache of extracted layers: whatever becomes of a file, a text has its own values or is computed again.</summary>
internal sealed class CacheRecords() : Format("cache")
{
    private static readonly byte[] s_settings = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly TextKey[] s_keys = [.. Enumerable.Range(0, 5).Select(i => TextKey.Of($"text {i}"))];

    public override bool Sealed => true;

    public override void Write(string folder) => Open(folder).Add(s_keys, [.. s_keys.Select((_, i) => Values(i))]);

    public override string Read(string folder)
    {
        LayerCache cache = Open(folder);
        cache.Refresh();
        return EncoderFolder.Hash([.. s_keys.SelectMany((key, i) => cache.Find(key) ?? Values(i))]);
    }

    private static LayerCache Open(string folder) => new(folder, s_settings, valueLength: 6, _ => { });

    private static float[] Values(int text) => [.. Enumerable.Range(0, 6).Select(i => (text * 10) + i + 0.5f)];
}
