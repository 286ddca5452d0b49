using Ssna.MLNet.Tokenization;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

[TestClass]
public sealed class ByteLevelPreTokenizerTests
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
        Assert.AreEqual(
            words,
            string.Join(
                '|',
                new ByteLevelPreTokenizer().PreTokenize(text).Select(word => text.Substring(word.Offset, word.Length))
            )
        );
}
