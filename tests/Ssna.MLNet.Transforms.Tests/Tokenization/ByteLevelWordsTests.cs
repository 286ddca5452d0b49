using Ssna.MLNet.Tokenization;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

[TestClass]
public sealed class ByteLevelWordsTests
{
    [TestMethod]
    [DataRow("don't we'll I'VE", "don|'t| we|'ll| I|'|VE")]
    [DataRow("a  b   c  ", "a| | b|  | c|  ")]
    [DataRow(" \t\nx", " \t|\n|x")]
    [DataRow("x1,000!?'s", "x|1|,|000|!?'|s")]
    [DataRow("a\U0001D518b \U0001F600c", "a\U0001D518b| \U0001F600|c")]
    [DataRow("a\U0001D7D8", "a|\U0001D7D8")]
    [DataRow("", "")]
    [DataRow(" ", " ")]
    public void Words_are_those_of_the_regular_expression_of_gpt2(string text, string words) =>
        Assert.AreEqual(words, string.Join('|', Split(text)));

    private static IEnumerable<string> Split(string text)
    {
        for (int start = 0, length; start < text.Length; start += length)
        {
            length = ByteLevelWords.Next(text.AsSpan(start));
            yield return text.Substring(start, length);
        }
    }
}
