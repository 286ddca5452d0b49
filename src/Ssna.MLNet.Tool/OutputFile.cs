using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Tool;

/// <summary>A file that a command is to write.</summary>
internal static class OutputFile
{
    /// <summary>Makes its folder, before the work whose result it is to take.</summary>
    /// <exception cref="IOException">There is a folder of its name, or its own cannot be made.</exception>
    public static void Prepare(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"--output: expected a file, found the folder '{path}'.");
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Writes text, in UTF-8, beside it; it takes its name once it is complete.</summary>
    public static void Write(string path, Action<TextWriter> write) =>
        WholeFile.Write(
            path,
            stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                write(writer);
            }
        );
}
