namespace Ssna.MLNet.Fuzz.Mutations;

/// <summary>One change to one file.</summary>
/// <param name="Content">The new content, or null where the file is deleted.</param>
/// <param name="Description">What was done.</param>
/// <param name="Forged">
/// Whether it did away with checksums, or made them again as one who knows them would: the file is then another valid one.
/// </param>
internal sealed record Mutation(byte[]? Content, string Description, bool Forged = false)
{
    /// <summary>Changes a file in one of the ways that its kind invites.</summary>
    public static Mutation Of(string name, byte[] content, Random random) =>
        random.Next(100) switch
        {
            0 => new Mutation(null, "deleted", Forged: true),
            < 40 => Bytes.Mutate(content, random),
            _ => Structure(name, content, random),
        };

    /// <summary>Changes what the file means, so that it is still of its kind.</summary>
    public static Mutation Structure(string name, byte[] content, Random random) =>
        Path.GetExtension(name) switch
        {
            ".json" => JsonFields.Mutate(content, random),
            ".safetensors" => Tensors.Mutate(content, random),
            ".zip" => ZipEntries.Mutate(content, random),
            ".txt" or ".tsv" => Lines.Mutate(content, random),
            _ => BinaryNumbers.Mutate(content, random),
        };
}
