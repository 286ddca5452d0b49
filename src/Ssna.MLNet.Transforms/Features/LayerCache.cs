using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Features;

/// <summary>
/// The extracted layers of texts in files of a folder, for one model and one set of settings. Any number of processes may
/// use a folder at once.
/// </summary>
/// <remarks>
/// Each process appends to a file of its own and reads everybody's, so nothing is ever locked, moved or rewritten. A file is
/// a header and records of one size: key, values, checksum. Beside it lie the keys of its records alone, so that whoever opens the
/// folder reads them at once; where they are not there, or fewer, keys are read from the records. A record cut short by a crash is not
/// counted, and one that was damaged later fails its checksum; both mean no more than that the text is computed again, once: its new record is found
/// whether or not the damaged one is met first. The folder is a help and never a condition: where it cannot be made, read or
/// written to, or is deleted while it is used, texts are computed, and a warning says so.
/// </remarks>
internal sealed class LayerCache
{
    private const string Extension = ".layers";
    private const string KeysExtension = ".keys";
    private const int KeysAtOnce = 1 << 16;
    private const string WithoutRecord = "a text there is read from another record, or computed again";

    private static ReadOnlySpan<byte> Magic => "SSNALYR1"u8;

    private readonly string _folder;
    private readonly byte[] _settings;
    private readonly string _prefix;
    private readonly int _valueLength;
    private readonly Action<string> _warn;
    private readonly Dictionary<string, long> _scanned = new(StringComparer.Ordinal);
    private readonly LayerIndex _index = new();
    private readonly Lock _gate = new();
    private readonly HashSet<string> _warnedOf = new(StringComparer.Ordinal);
    private string? _own;
    private bool _failed;

    /// <param name="folder">The folder, made if it is not there.</param>
    /// <param name="settings">A hash of the model and of all settings that values depend on: 32 bytes.</param>
    /// <param name="valueLength">Floats of a text.</param>
    /// <param name="warn">Told of a folder or files that cannot be used.</param>
    public LayerCache(string folder, byte[] settings, int valueLength, Action<string> warn)
    {
        _folder = Path.GetFullPath(folder);
        _settings = settings;
        _prefix = Convert.ToHexStringLower(settings.AsSpan(0, 8));
        _valueLength = valueLength;
        _warn = warn;
        try
        {
            Directory.CreateDirectory(_folder);
        }
        catch (Exception error) when (IsOfTheDisk(error))
        {
            Fail(error);
        }
    }

    private int HeaderSize => Magic.Length + sizeof(int) + _settings.Length;

    private int RecordSize => TextKey.Size + (_valueLength * sizeof(float)) + sizeof(uint);

    /// <summary>Looks for what was added since, here or by another process.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            string[] files = [];
            try
            {
                files = Directory.GetFiles(_folder, $"{_prefix}-*{Extension}");
            }
            catch (Exception error) when (IsOfTheDisk(error))
            {
                WarnOnce(_folder, $"The cache folder '{_folder}' cannot be read: {error.Message}");
            }
            _index.Expect(files.Sum(NewRecords));
            foreach (string file in files)
            {
                try
                {
                    Scan(file);
                }
                catch (Exception error) when (IsOfTheDisk(error))
                {
                    WarnOnce(file, $"The cache file '{file}' cannot be read and is left out: {error.Message}");
                }
            }
        }
    }

    /// <summary>The values of a text, or null where they are not in the folder, or damaged wherever they are.</summary>
    public float[]? Find(TextKey key)
    {
        lock (_gate)
        {
            // Few texts have several: those that processes computed at the same time, or again because a record was damaged.
            foreach (uint record in _index.Candidates(key))
            {
                (string file, long offset) = _index.Place(record, RecordSize);
                if (Read(key, file, offset) is { } values)
                {
                    return values;
                }
                _index.Forget(key, record);
            }
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
                using SafeFileHandle file = OpenOwn();
                long offset = RandomAccess.GetLength(file);
                RandomAccess.Write(file, bytes, offset);
                AppendKeys(keys, offset);
                for (int i = 0; i < keys.Length; i++)
                {
                    _index.Add(keys[i], _own!, offset + ((long)i * RecordSize), RecordSize);
                }
                _scanned[_own!] = offset + bytes.Length;
            }
            catch (Exception error) when (IsOfTheDisk(error))
            {
                Fail(error); // A file with half a record at its end takes no more.
            }
        }
    }

    private float[]? Read(TextKey key, string path, long offset)
    {
        try
        {
            var record = new byte[RecordSize];
            using SafeFileHandle file = OpenRead(path);
            if (
                RandomAccess.Read(file, record, offset) == record.Length
                && TextKey.Read(record) == key
                && MemoryMarshal.Read<uint>(record.AsSpan(^sizeof(uint)..)) == Checksum(record.AsSpan(..^sizeof(uint)))
                && MemoryMarshal.Cast<byte, float>(record.AsSpan(TextKey.Size..^sizeof(uint))).ToArray() is var values
                && values.All(float.IsFinite)
            )
            {
                return values;
            }
            _warn($"The cache file '{path}' is damaged at byte {offset}; {WithoutRecord}.");
        }
        catch (Exception error) when (IsOfTheDisk(error))
        {
            WarnOnce(path, $"The cache file '{path}' cannot be read; {WithoutRecord}: {error.Message}");
        }
        return null;
    }

    private static string KeysOf(string file) => Path.ChangeExtension(file, KeysExtension);

    // A key's place follows from its record's, so that none that is missing moves the others.
    private void AppendKeys(ReadOnlySpan<TextKey> keys, long offset)
    {
        byte[] bytes = new byte[keys.Length * TextKey.Size];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i].Write(bytes.AsSpan(i * TextKey.Size));
        }
        using SafeFileHandle file = File.OpenHandle(
            KeysOf(_own!),
            FileMode.OpenOrCreate,
            FileAccess.Write,
            FileShare.Read | FileShare.Delete
        );
        RandomAccess.Write(file, bytes, (offset - HeaderSize) / RecordSize * TextKey.Size);
    }

    private static SafeFileHandle OpenRead(string file) =>
        File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    // This process's file; another one where it, or the whole folder, was deleted since.
    private SafeFileHandle OpenOwn()
    {
        if (_own is null || !File.Exists(_own))
        {
            Directory.CreateDirectory(_folder);
            _own = Create();
        }
        return File.OpenHandle(_own, FileMode.Open, FileAccess.Write, FileShare.Read | FileShare.Delete);
    }

    private static bool IsOfTheDisk(Exception error) =>
        error is IOException or UnauthorizedAccessException || WholeFile.IsTooLarge(error);

    private void Fail(Exception error)
    {
        _failed = true;
        _warn($"Extracted layers are no longer kept in the cache folder '{_folder}': {error.Message}");
    }

    // A file that is gone is asked for once a text.
    private void WarnOnce(string path, string message)
    {
        if (_warnedOf.Add(path))
        {
            _warn(message);
        }
    }

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

    // For the index to make room; a file that cannot be looked at counts when it is read.
    private long NewRecords(string path)
    {
        try
        {
            long known = _scanned.GetValueOrDefault(path, HeaderSize);
            return Math.Max(0, (new FileInfo(path).Length - known) / RecordSize);
        }
        catch (Exception error) when (IsOfTheDisk(error))
        {
            return 0;
        }
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
        try
        {
            foreach (TextKey key in Keys(path, file, offset, (length - offset) / RecordSize))
            {
                _index.Add(key, path, offset, RecordSize);
                offset += RecordSize;
            }
        }
        finally
        {
            // Also where reading fails half way: a record that is met twice would count as two.
            _scanned[path] = offset;
        }
    }

    // The keys of so many records from one on.
    private IEnumerable<TextKey> Keys(string path, SafeFileHandle records, long offset, long count)
    {
        long done = 0;
        if (count > 0 && File.Exists(KeysOf(path)))
        {
            using SafeFileHandle keys = OpenRead(KeysOf(path));
            long first = (offset - HeaderSize) / RecordSize;
            long there = Math.Min(count, (RandomAccess.GetLength(keys) / TextKey.Size) - first);
            byte[] bytes = new byte[Math.Clamp(there, 0, KeysAtOnce) * TextKey.Size];
            while (done < there)
            {
                int read = RandomAccess.Read(keys, bytes, (first + done) * TextKey.Size) / TextKey.Size;
                if (read == 0)
                {
                    break;
                }
                for (int i = 0; i < read && done < there; i++, done++)
                {
                    yield return TextKey.Read(bytes.AsSpan(i * TextKey.Size));
                }
            }
        }
        byte[] ofRecord = new byte[TextKey.Size];
        for (; done < count; done++)
        {
            RandomAccess.Read(records, ofRecord, offset + (done * RecordSize));
            yield return TextKey.Read(ofRecord);
        }
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
