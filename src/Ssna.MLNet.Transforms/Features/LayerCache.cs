using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ssna.MLNet.Features;

/// <summary>
/// The extracted layers of texts in files of a folder, for one model and one set of settings. Any number of processes may
/// use a folder at once.
/// </summary>
/// <remarks>
/// Each process appends to a file of its own and reads everybody's, so nothing is ever locked, moved or rewritten. A file is
/// a header and records of one size: key, values, checksum. A record cut short by a crash is not counted, and one that was
/// damaged later fails its checksum; both mean no more than that the text is computed again.
/// </remarks>
internal sealed class LayerCache
{
    private const string Extension = ".layers";

    private static ReadOnlySpan<byte> Magic => "SSNALYR1"u8;

    private readonly string _folder;
    private readonly byte[] _settings;
    private readonly string _prefix;
    private readonly int _valueLength;
    private readonly Action<string> _warn;
    private readonly Dictionary<string, long> _scanned = new(StringComparer.Ordinal);
    private readonly Dictionary<TextKey, (string File, long Offset)> _places = [];
    private readonly Lock _gate = new();
    private string? _own;
    private bool _failed;

    /// <param name="folder">The folder, made if it is not there.</param>
    /// <param name="settings">A hash of the model and of all settings that values depend on: 32 bytes.</param>
    /// <param name="valueLength">Floats of a text.</param>
    /// <param name="warn">Told of files that cannot be used.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public LayerCache(string folder, byte[] settings, int valueLength, Action<string> warn)
    {
        _folder = Path.GetFullPath(folder);
        _settings = settings;
        _prefix = Convert.ToHexStringLower(settings.AsSpan(0, 8));
        _valueLength = valueLength;
        _warn = warn;
        Directory.CreateDirectory(_folder);
    }

    private int HeaderSize => Magic.Length + sizeof(int) + _settings.Length;

    private int RecordSize => TextKey.Size + (_valueLength * sizeof(float)) + sizeof(uint);

    /// <summary>Looks for what was added since, here or by another process.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            foreach (string file in Directory.EnumerateFiles(_folder, $"{_prefix}-*{Extension}"))
            {
                try
                {
                    Scan(file);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    _warn($"The cache file '{file}' cannot be read and is left out: {error.Message}");
                }
            }
        }
    }

    /// <summary>The values of a text, or null where they are not in the folder, or damaged.</summary>
    public float[]? Find(TextKey key)
    {
        lock (_gate)
        {
            if (!_places.TryGetValue(key, out (string File, long Offset) place))
            {
                return null;
            }
            try
            {
                var record = new byte[RecordSize];
                using SafeFileHandle file = OpenRead(place.File);
                if (
                    RandomAccess.Read(file, record, place.Offset) == record.Length
                    && TextKey.Read(record) == key
                    && MemoryMarshal.Read<uint>(record.AsSpan(^sizeof(uint)..))
                        == Checksum(record.AsSpan(..^sizeof(uint)))
                )
                {
                    return MemoryMarshal.Cast<byte, float>(record.AsSpan(TextKey.Size..^sizeof(uint))).ToArray();
                }
                _warn($"The cache file '{place.File}' is damaged at byte {place.Offset}; that text is computed again.");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                _warn($"The cache file '{place.File}' cannot be read; its texts are computed again: {error.Message}");
            }
            _places.Remove(key);
            return null;
        }
    }

    /// <summary>Appends the values of texts. A folder that cannot be written to costs a warning, once.</summary>
    public void Add(ReadOnlySpan<TextKey> keys, ReadOnlySpan<float[]> values)
    {
        var bytes = new byte[keys.Length * RecordSize];
        for (int i = 0; i < keys.Length; i++)
        {
            Span<byte> record = bytes.AsSpan(i * RecordSize, RecordSize);
            keys[i].Write(record);
            MemoryMarshal.AsBytes<float>(values[i]).CopyTo(record[TextKey.Size..]);
            uint checksum = Checksum(record[..^sizeof(uint)]);
            MemoryMarshal.Write(record[^sizeof(uint)..], checksum);
        }
        lock (_gate)
        {
            if (_failed)
            {
                return;
            }
            try
            {
                _own ??= Create();
                using SafeFileHandle file = File.OpenHandle(
                    _own,
                    FileMode.Open,
                    FileAccess.Write,
                    FileShare.Read | FileShare.Delete
                );
                long offset = RandomAccess.GetLength(file);
                RandomAccess.Write(file, bytes, offset);
                for (int i = 0; i < keys.Length; i++)
                {
                    _places[keys[i]] = (_own, offset + ((long)i * RecordSize));
                }
                _scanned[_own] = offset + bytes.Length;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A file with half a record at its end takes no more.
                _failed = true;
                _warn($"Extracted layers are no longer kept in the cache folder '{_folder}': {error.Message}");
            }
        }
    }

    private static SafeFileHandle OpenRead(string file) =>
        File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private string Create()
    {
        string file = Path.Combine(_folder, $"{_prefix}-{Guid.NewGuid():n}{Extension}");
        using SafeFileHandle handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        RandomAccess.Write(handle, Header(), 0);
        return file;
    }

    private byte[] Header()
    {
        var header = new byte[HeaderSize];
        Magic.CopyTo(header);
        MemoryMarshal.Write(header.AsSpan(Magic.Length), _valueLength);
        _settings.CopyTo(header, Magic.Length + sizeof(int));
        return header;
    }

    private void Scan(string path)
    {
        using SafeFileHandle file = OpenRead(path);
        long length = RandomAccess.GetLength(file);
        if (!_scanned.TryGetValue(path, out long offset))
        {
            if (length < HeaderSize)
            {
                return; // Just being made, or cut short at once.
            }
            var header = new byte[HeaderSize];
            RandomAccess.Read(file, header, 0);
            if (!header.AsSpan().SequenceEqual(Header()))
            {
                _warn($"The cache file '{path}' is not one of these settings, or damaged, and is left out.");
                _scanned[path] = long.MaxValue;
                return;
            }
            offset = HeaderSize;
        }
        Span<byte> key = stackalloc byte[TextKey.Size];
        while (offset <= length - RecordSize)
        {
            RandomAccess.Read(file, key, offset);
            _places.TryAdd(TextKey.Read(key), (path, offset));
            offset += RecordSize;
        }
        _scanned[path] = offset;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            checksum = BitOperations.Crc32C(checksum, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (byte value in bytes)
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }
        return ~checksum;
    }
}
