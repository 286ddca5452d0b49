using System.CommandLine.Parsing;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>Lists on a command line: A,B,C.</summary>
internal static class Lists
{
    public static string[] Split(IEnumerable<Token> tokens) =>
        [
            .. tokens.SelectMany(token =>
                token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            ),
        ];
}
