using System.IO.Compression;
using System.Security.Cryptography;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Fuzz.Mutations;

/// <summary>
/// A model zip's entries removed, exchanged, renamed, cut or changed in their own structure; in three of four cases
/// with checksums made again, so that what lies behind them is reached.
/// </summary>
internal static class ZipEntries
{
    private const string Checksums = "Checksums.json";

    public static Mutation Mutate(byte[] content, Random random)
    {
        List<(string Name, byte[] Content)> entries = Read(content);
        int at = random.Next(entries.Count);
        (string name, byte[] old) = entries[at];
        int other = random.Next(entries.Count);
        string description;
        switch (random.Next(12))
        {
            case 0:
                entries.RemoveAt(at);
                description = "removed";
                break;
            case 1:
                (entries[at], entries[other]) = ((name, entries[other].Content), (entries[other].Name, old));
                description = $"exchanged with '{entries[other].Name}'";
                break;
            case 2:
                entries[at] = ($"{name}_", old);
                description = "renamed";
                break;
            case 3:
                entries.Add((name, entries[other].Content));
                description = $"twice, the second with the content of '{entries[other].Name}'";
                break;
            default:
                Mutation inner =
                    random.Next(3) == 0 ? Bytes.Mutate(old, random) : Mutation.Structure(name, old, random);
                entries[at] = (name, inner.Content!);
                description = inner.Description;
                break;
        }
        bool forged = random.Next(4) > 0;
        if (forged)
        {
            entries = Rehashed(entries, old, at < entries.Count ? entries[at].Content : []);
            description += ", hashes made again";
        }
        using var zip = new MemoryStream();
        Write(zip, entries);
        if (forged && random.Next(2) == 0 && entries.DistinctBy(entry => entry.Name).Count() == entries.Count)
        {
            ModelFile.Seal(zip);
        }
        return new Mutation(zip.ToArray(), $"'{name}': {description}", forged);
    }

    /// <summary>Changes the content of one of some entries; in two of three cases with its checksum made again.</summary>
    public static Mutation MutateContent(byte[] content, Random random, Func<string, bool> which)
    {
        List<(string Name, byte[] Content)> entries = Read(content);
        int[] places = [.. entries.Index().Where(entry => which(entry.Item.Name)).Select(entry => entry.Index)];
        int at = places[random.Next(places.Length)];
        (string name, byte[] old) = entries[at];
        Mutation inner = random.Next(3) == 0 ? Bytes.Mutate(old, random) : Mutation.Structure(name, old, random);
        entries[at] = (name, inner.Content!);
        bool forged = random.Next(3) > 0;
        if (forged)
        {
            entries = Rehashed(entries, old, inner.Content!);
        }
        using var zip = new MemoryStream();
        Write(zip, entries);
        return new Mutation(
            zip.ToArray(),
            $"'{name}': {inner.Description}{(forged ? ", hash made again" : "")}",
            forged
        );
    }

    private static List<(string Name, byte[] Content)> Read(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        return
        [
            .. archive.Entries.Select(entry =>
            {
                using Stream stream = entry.Open();
                using var content = new MemoryStream();
                stream.CopyTo(content);
                return (entry.FullName, content.ToArray());
            }),
        ];
    }

    private static void Write(Stream zip, IEnumerable<(string Name, byte[] Content)> entries)
    {
        using var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, byte[] content) in entries)
        {
            using Stream stream = archive.CreateEntry(name, CompressionLevel.Fastest).Open();
            stream.Write(content);
        }
    }

    // A transformer's main stream holds hashes of its files; the zip's list goes, or is made anew.
    private static List<(string Name, byte[] Content)> Rehashed(
        List<(string Name, byte[] Content)> entries,
        byte[] old,
        byte[] changed
    )
    {
        byte[] before = SHA256.HashData(old);
        byte[] after = SHA256.HashData(changed);
        entries = [.. entries.Where(entry => entry.Name != Checksums)];
        for (int i = 0; i < entries.Count; i++)
        {
            int place = entries[i].Content.AsSpan().IndexOf(before);
            if (place >= 0)
            {
                var key = (byte[])entries[i].Content.Clone();
                after.CopyTo(key, place);
                entries[i] = (entries[i].Name, key);
            }
        }
        return entries;
    }
}
