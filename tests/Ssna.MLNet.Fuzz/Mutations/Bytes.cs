namespace Ssna.MLNet.Fuzz.Mutations;

/// <summary>Changes to bytes, whatever they mean: what disks and downloads do.</summary>
internal static class Bytes
{
    public static Mutation Mutate(byte[] content, Random random)
    {
        if (content.Length == 0)
        {
            return new Mutation([(byte)random.Next(256)], "one byte in an empty file");
        }
        int at = random.Next(content.Length);
        int count = Math.Min(random.Next(1, 1 << random.Next(1, 10)), content.Length - at);
        switch (random.Next(6))
        {
            case 0:
                var flipped = (byte[])content.Clone();
                int flips = random.Next(1, 5);
                for (int i = 0; i < flips; i++)
                {
                    flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                }
                return new Mutation(flipped, $"{flips} bits flipped");
            case 1:
                var overwritten = (byte[])content.Clone();
                random.NextBytes(overwritten.AsSpan(at, count));
                return new Mutation(overwritten, $"{count} bytes at {at} overwritten");
            case 2:
                return new Mutation(content[..at], $"cut to {at} bytes");
            case 3:
                return new Mutation([.. content[..at], .. content[(at + count)..]], $"{count} bytes at {at} removed");
            case 4:
                var inserted = new byte[count];
                random.NextBytes(inserted);
                return new Mutation(
                    [.. content[..at], .. inserted, .. content[at..]],
                    $"{count} bytes at {at} inserted"
                );
            default:
                return new Mutation([.. content[..(at + count)], .. content[at..]], $"{count} bytes at {at} repeated");
        }
    }
}
