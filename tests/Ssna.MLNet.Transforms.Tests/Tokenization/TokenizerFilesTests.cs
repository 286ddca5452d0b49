using System.Text;
using Ssna.MLNet.Tokenization;
using static Ssna.MLNet.Transforms.Tests.Tokenization.TokenizerFolder;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>Files as they come: with other line ends and marks, damaged, or far too large.</summary>
[TestClass]
public sealed class TokenizerFilesTests
{
    [TestMethod]
    public void A_byte_order_mark_and_the_line_ends_of_Windows_change_nothing()
    {
        var withMark = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true);
        using TokenizerFolder folder = OfWords(Words);
        File.WriteAllText(folder["vocab.txt"], string.Join("\r\n", Words), withMark);
        File.WriteAllText(folder["tokenizer_config.json"], """{"do_lower_case": true}""", withMark);
        Assert.AreEqual("2 5 6 8 3", folder.Ids("Reddish café"));

        folder.Delete("vocab.txt").Write("vocab.json", Vocabulary(["<s>", "</s>", "a", "b", "ab", "<unk>"]));
        File.WriteAllText(folder["merges.txt"], "#version: 0.2\r\na b\r\n", withMark);
        Assert.AreEqual("0 4 2 1", folder.Ids("aba"));
    }

    [TestMethod]
    public void Blank_lines_have_ids_and_are_no_tokens()
    {
        using TokenizerFolder folder = OfWords([.. Words, "", " ", "blue"]);
        Assert.AreEqual("2 11 3", folder.Ids("blue"));
    }

    [TestMethod]
    [DataRow("added_tokens.json", """{"<brand>": 2147483647}""")]
    [DataRow("tokenizer_config.json", """{"added_tokens_decoder": {"2147483647": {"content": "<brand>"}}}""")]
    public void Ids_beyond_any_vocabulary_are_refused_with_the_file(string name, string content)
    {
        using TokenizerFolder folder = OfWords(Words);
        folder.Write(name, content);
        string message = folder.Refusal();
        StringAssert.Contains(message, folder[name]);
        StringAssert.Contains(message, "2147483647");
    }

    [TestMethod]
    [DataRow("vocab.txt")]
    [DataRow("tokenizer_config.json")]
    [DataRow("added_tokens.json")]
    [DataRow("special_tokens_map.json")]
    [DataRow("tokenizer.json")]
    public void Bytes_that_are_no_UTF8_are_refused_with_the_file(string name)
    {
        using TokenizerFolder folder = OfWords(Words);
        byte[] content = name == "vocab.txt" ? File.ReadAllBytes(folder[name]) : "{\"x\": \"abc\"}"u8.ToArray();
        content[^4] = 0xFF;
        File.WriteAllBytes(folder[name], content);
        string message = folder.Refusal();
        StringAssert.Contains(message, folder[name]);
        StringAssert.Contains(message, "UTF-8");
    }

    [TestMethod]
    [DataRow("vocab.json")]
    [DataRow("merges.txt")]
    public void So_are_those_of_byte_pairs(string name)
    {
        using var folder = new TokenizerFolder();
        folder
            .Write("vocab.json", Vocabulary(["<s>", "</s>", "a", "b", "ab"]))
            .Write("merges.txt", "#version: 0.2\na b\n");
        byte[] content = File.ReadAllBytes(folder[name]);
        content[^2] = 0xFF;
        File.WriteAllBytes(folder[name], content);
        string message = folder.Refusal();
        StringAssert.Contains(message, folder[name]);
        StringAssert.Contains(message, "UTF-8");
    }

    [TestMethod]
    [DataRow("[UNK]")]
    [DataRow("[CLS]")]
    [DataRow("[SEP]")]
    public void A_vocabulary_without_a_special_token_is_refused_with_its_file(string token)
    {
        using TokenizerFolder folder = OfWords([.. Words.Where(word => word != token)]);
        string message = folder.Refusal();
        StringAssert.Contains(message, folder["vocab.txt"]);
        StringAssert.Contains(message, $"'{token}'");
    }

    [TestMethod]
    public void A_line_that_can_be_no_token_is_refused()
    {
        using TokenizerFolder folder = OfWords([.. Words, new string('x', 100_000)]);
        string message = folder.Refusal();
        StringAssert.Contains(message, folder["vocab.txt"]);
        StringAssert.Contains(message, "line 10");
        StringAssert.Contains(message, "100,000 bytes");
    }

    [TestMethod]
    [DataRow("vocab.txt")]
    [DataRow("tokenizer.json")]
    [DataRow("tokenizer_config.json")]
    public void A_file_far_too_large_is_refused_and_not_read(string name)
    {
        using TokenizerFolder folder = OfWords(Words);
        using (FileStream file = File.Create(folder[name]))
        {
            file.SetLength(200_000_000); // takes no room on disk
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = folder.Refusal();
        Assert.IsLessThan(10_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
        StringAssert.Contains(message, folder[name]);
        StringAssert.Contains(message, "200,000,000");
    }

    [TestMethod]
    [DataRow("a")]
    [DataRow("a b c")]
    [DataRow(" a")]
    [DataRow("a  b")]
    public void A_merge_that_is_no_pair_is_refused_with_its_line(string merge)
    {
        using var folder = new TokenizerFolder();
        folder.Write("vocab.json", Vocabulary(["<s>", "</s>", "a", "b", "ab"]));
        string message = folder.Write("merges.txt", $"#version: 0.2\na b\n{merge}\n").Refusal();
        StringAssert.Contains(message, folder["merges.txt"]);
        StringAssert.Contains(message, "line 3");
    }
}
