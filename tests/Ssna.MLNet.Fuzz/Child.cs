using System.Globalization;
using Ssna.MLNet.Fuzz.Formats;
using Ssna.MLNet.Fuzz.Mutations;

namespace Ssna.MLNet.Fuzz;

/// <summary>The process in which changed files are read: it may end, hang or fill the memory at any of them.</summary>
internal static class Child
{
    /// <summary>Precedes the lines that are for the parent.</summary>
    public const string Prefix = "outcome\t";

    /// <summary>Reads a format's mutations of some numbers; a line each.</summary>
    public static void Run(Format format, string root, int seed, int from, int count)
    {
        string sound = Path.Combine(root, $"{format.Name}.sound");
        if (!Directory.Exists(sound))
        {
            Directory.CreateDirectory(sound);
            format.Write(sound);
        }
        string folder = Directory.CreateDirectory(Path.Combine(root, $"{format.Name}.{from}")).FullName;
        foreach (string path in Directory.GetFiles(sound))
        {
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)), overwrite: true);
        }
        string result = format.Read(folder);
        string[] files =
        [
            .. Directory
                .GetFiles(sound)
                .Select(path => Path.GetFileName(path))
                .Where(format.IsChanged)
                .Order(StringComparer.Ordinal),
        ];
        for (int number = from; number < from + count; number++)
        {
            var random = new Random(HashOf(format.Name, seed, number));
            string file = files[random.Next(files.Length)];
            string path = Path.Combine(folder, file);
            byte[] content = File.ReadAllBytes(path);
            Mutation mutation = format.Mutate(file, content, random);
            if (mutation.Content is null)
            {
                File.Delete(path);
            }
            else
            {
                File.WriteAllBytes(path, mutation.Content);
            }
            string what = OneLine($"{file}: {mutation.Description}");
            Console.WriteLine($"trying\t{number}\t{what}");
            (Outcome outcome, string message) = Outcomes.Of(format, folder, file, mutation, result);
            Console.WriteLine($"{Prefix}{number}\t{outcome}\t{what}\t{OneLine(message)}");
            File.WriteAllBytes(path, content);
        }
        Directory.Delete(folder, recursive: true);
    }

    private static string OneLine(string text)
    {
        string line = string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
        return line.Length > 600 ? string.Create(CultureInfo.InvariantCulture, $"{line.AsSpan(0, 600)}...") : line;
    }

    // The same in every process, which string.GetHashCode is not.
    private static int HashOf(string name, int seed, int number)
    {
        uint hash = 2166136261;
        foreach (char c in $"{name}/{seed}/{number}")
        {
            hash = unchecked((hash ^ c) * 16777619);
        }
        return (int)hash;
    }
}
