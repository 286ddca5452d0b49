using System.Text;
using System.Text.RegularExpressions;

namespace Ssna.MLNet.Fuzz.Mutations;

/// <summary>Lines of a text removed, repeated, exchanged, emptied or endless, and numbers at the edges.</summary>
internal static partial class Lines
{
    private static readonly string[] s_numbers =
    [
        "0",
        "-1",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "1e308",
        "1e400",
        "NaN",
        "Infinity",
        "",
        "?",
    ];

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Number { get; }

    public static Mutation Mutate(byte[] content, Random random)
    {
        List<string> lines = [.. Encoding.UTF8.GetString(content).Split('\n')];
        int at = random.Next(lines.Count);
        int other = random.Next(lines.Count);
        string description;
        switch (random.Next(8))
        {
            case 0:
                lines.RemoveAt(at);
                description = "removed";
                break;
            case 1:
                lines.Insert(other, lines[at]);
                description = $"again at {other}";
                break;
            case 2:
                (lines[at], lines[other]) = (lines[other], lines[at]);
                description = $"in the place of {other}";
                break;
            case 3:
                lines[at] = "";
                description = "empty";
                break;
            case 4:
                lines[at] = new string(random.Next(2) == 0 ? 'x' : '\t', 1 << random.Next(8, 20));
                description = $"of {lines[at].Length} characters";
                break;
            case 5:
                string[] odd = ["\u0000", "\uFEFF", "\u2028", "\"", "\r", "\t\t", "##", "\u0130", " "];
                string text = odd[random.Next(odd.Length)];
                lines[at] = lines[at].Insert(random.Next(lines[at].Length + 1), text);
                description = $"with U+{(int)text[0]:X4}";
                break;
            default:
                string number = s_numbers[random.Next(s_numbers.Length)];
                MatchCollection found = Number.Matches(lines[at]);
                if (found.Count == 0)
                {
                    lines[at] = number;
                }
                else
                {
                    Match match = found[random.Next(found.Count)];
                    lines[at] = lines[at].Remove(match.Index, match.Length).Insert(match.Index, number);
                }
                description = $"with the number '{number}'";
                break;
        }
        return new Mutation(Encoding.UTF8.GetBytes(string.Join('\n', lines)), $"line {at} {description}");
    }
}
