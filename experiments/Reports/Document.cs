namespace Experiments.Reports;

/// <summary>A report for people, before it is Markdown or HTML.</summary>
internal sealed record Document(string Title, IReadOnlyList<Block> Blocks);

/// <summary>A part of a document.</summary>
internal abstract record Block;

/// <summary>A title within the document.</summary>
internal sealed record Heading(string Text) : Block;

/// <summary>Sentences.</summary>
internal sealed record Paragraph(string Text) : Block;

/// <summary>Rows under a header; the first column is text, the others are numbers.</summary>
internal sealed record Table(IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<Cell>> Rows) : Block;

/// <summary>A plot.</summary>
/// <param name="File">Its name in the report's folder.</param>
/// <param name="Text">What it shows, for those who cannot see it.</param>
internal sealed record Picture(string File, string Text) : Block;

/// <summary>One value of a table.</summary>
/// <param name="Text">As it is shown.</param>
/// <param name="Strong">Whether it stands out.</param>
/// <param name="Detail">What belongs to it, shown smaller where that can be.</param>
internal sealed record Cell(string Text, bool Strong = false, string? Detail = null)
{
    public static implicit operator Cell(string text) => new(text);
}
