using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Checkpoints;

/// <summary>
/// A safetensors file, mapped into memory: its header is read and checked at once, a tensor's bytes when it is asked
/// for. Safe for use by several threads until it is disposed.
/// </summary>
internal sealed unsafe class SafetensorsFile : ITensorSource
{
    /// <summary>The longest span that one copy takes; a multiple of every element's size.</summary>
    private const int CopyBytes = 1 << 30;

    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly MemoryMappedFile? _mapping;
    private readonly MemoryMappedViewAccessor? _view;

    private SafetensorsFile(string source, SafetensorsHeader header, long dataStart, ReadOnlyMemory<byte> bytes)
    {
        Source = source;
        _header = header;
        _dataStart = dataStart;
        _bytes = bytes;
    }

    private SafetensorsFile(
        string source,
        SafetensorsHeader header,
        long dataStart,
        MemoryMappedFile mapping,
        MemoryMappedViewAccessor view
    )
        : this(source, header, dataStart, default)
    {
        _mapping = mapping;
        _view = view;
    }

    /// <inheritdoc/>
    public string Source { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => (IReadOnlyCollection<string>)_header.Entries.Keys;

    /// <summary>The file's own remarks, text by text.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Maps a file into memory and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged; the message names it and the tensor.</exception>
    public static SafetensorsFile Open(string path) => Open(path, path);

    private static SafetensorsFile Open(string path, string source)
    {
        using SafeFileHandle file = FolderFile.Open(path);
        long fileLength = RandomAccess.GetLength(file);
        byte[] start = Read(file, 0, (int)Math.Min(fileLength, SafetensorsHeader.LengthField), source);
        int headerLength = SafetensorsHeader.ReadLength(start, fileLength, source);
        byte[] json = Read(file, SafetensorsHeader.LengthField, headerLength, source);
        long dataStart = SafetensorsHeader.LengthField + headerLength;
        SafetensorsHeader header = SafetensorsHeader.Parse(json, fileLength - dataStart, source);

        var mapping = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor? view = null;
        try
        {
            view = mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            // Another program may have shortened the file meanwhile, and reading past its end would end the process.
            if (view.Capacity < fileLength)
            {
                throw new InvalidDataException($"'{source}' changed while it was being opened.");
            }
            return new SafetensorsFile(source, header, dataStart, mapping, view);
        }
        catch
        {
            view?.Dispose();
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads an entry of a saved model. ML.NET unpacks entries to temporary files: these are mapped rather than held in memory a
    /// second time, where they could be no larger than 2 GiB.
    /// </summary>
    /// <param name="entry">The entry, from its start.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="InvalidDataException">The entry is damaged; the message names the tensor.</exception>
    public static SafetensorsFile Read(Stream entry, string source)
    {
        if (entry is FileStream unpacked)
        {
            return Open(unpacked.Name, source);
        }
        var bytes = new byte[entry.Length];
        entry.ReadExactly(bytes);
        return Parse(bytes, source);
    }

    /// <summary>Reads a file that is in memory already.</summary>
    /// <param name="bytes">The whole file; kept, not copied.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="InvalidDataException">The bytes are damaged; the message names the tensor.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string source = "safetensors bytes")
    {
        int headerLength = SafetensorsHeader.ReadLength(bytes.Span, bytes.Length, source);
        int dataStart = SafetensorsHeader.LengthField + headerLength;
        SafetensorsHeader header = SafetensorsHeader.Parse(
            bytes[SafetensorsHeader.LengthField..dataStart],
            bytes.Length - dataStart,
            source
        );
        return new SafetensorsFile(source, header, dataStart, bytes);
    }

    /// <inheritdoc/>
    public bool Contains(string name) => _header.Entries.ContainsKey(name);

    /// <inheritdoc/>
    public IReadOnlyList<long> ShapeOf(string name) => Entry(name).Shape;

    /// <inheritdoc/>
    public string TypeOf(string name) => Entry(name).TypeName;

    /// <inheritdoc/>
    public Tensor ReadRaw(string name)
    {
        TorchRuntime.EnsureLoaded();
        SafetensorsEntry entry = Entry(name);
        ScalarType type =
            SafetensorsType.Find(entry.TypeName)
            ?? throw new InvalidDataException(
                $"'{Source}': expected tensor '{name}' to be of a type out of {SafetensorsType.Names}, found '{entry.TypeName}'."
            );
        Tensor tensor = empty([.. entry.Shape], type);
        if (entry.Length > 0)
        {
            Copy(_dataStart + entry.Offset, entry.Length, tensor);
        }
        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view?.Dispose();
        _mapping?.Dispose();
    }

    private void Copy(long from, long length, Tensor to)
    {
        if (_view is null)
        {
            // Bytes of an array number less than 2 GB, and so do those of the tensor.
            _bytes.Span.Slice((int)from, (int)length).CopyTo(to.bytes);
            return;
        }
        SafeMemoryMappedViewHandle handle = _view.SafeMemoryMappedViewHandle;
        byte* start = null;
        handle.AcquirePointer(ref start);
        try
        {
            start += _view.PointerOffset + from;
            using Tensor flat = to.view(-1); // (elements)
            int size = SafetensorsType.SizeOf(to.dtype);
            for (long done = 0; done < length; done += CopyBytes)
            {
                int part = (int)Math.Min(CopyBytes, length - done);
                using Tensor target = flat.narrow(0, done / size, part / size); // (elements of the part)
                new ReadOnlySpan<byte>(start + done, part).CopyTo(target.bytes);
            }
        }
        finally
        {
            handle.ReleasePointer();
        }
    }

    private SafetensorsEntry Entry(string name) =>
        _header.Entries.TryGetValue(name, out SafetensorsEntry? entry)
            ? entry
            : throw new KeyNotFoundException($"'{Source}' has no tensor '{name}'.");

    private static byte[] Read(SafeFileHandle file, long offset, int length, string path)
    {
        var bytes = new byte[length];
        for (int done = 0; done < length; )
        {
            int read = RandomAccess.Read(file, bytes.AsSpan(done), offset + done);
            done += read > 0 ? read : throw new EndOfStreamException($"'{path}' ended while it was being read.");
        }
        return bytes;
    }
}
