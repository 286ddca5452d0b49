using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests;

/// <summary>Saved transformers whose settings somebody has changed, hashes and all: refused like options.</summary>
public sealed partial class EncoderLayersTests
{
    private const int ForgedMaximumTokens = 23;
    private const int ForgedLookAheadRows = 4097;
    private const int ForgedTokensPerBatch = 4099;

    [TestMethod]
    [DataRow(0, 0, "Layers: expected at least 1, found 0")]
    [DataRow(0, -1, "Layers: expected at least 1, found -1")]
    [DataRow(0, int.MaxValue, "has 3 layers, found 2147483647")]
    [DataRow(1, 1, "MaximumTokens: expected at least 2, found 1")]
    [DataRow(1, 25, "takes at most 24 tokens, found 25")]
    [DataRow(2, 0, "LookAheadRows: expected at least 1, found 0")]
    [DataRow(3, -5, "TokensPerBatch: expected at least 1, found -5")]
    [DataRow(5, -1, "MemoryBudget: expected at least 0")] // the upper half of an int64
    [DataRow(6, 99, "Precision: expected a defined value, found 99")]
    [DataRow(8, 31, "expected a hash of the encoder, found one of 31 bytes")]
    [DataRow(8, int.MaxValue, "expected a hash of the encoder")]
    public void Forged_settings_are_refused_by_name(int place, int value, string named)
    {
        byte[] forged = ZipEdit.Change(
            Save(FitDistinct()),
            "TransformerChain/Model.key",
            bytes =>
            {
                int at = SettingsIn(bytes) + (place * sizeof(int));
                BitConverter.TryWriteBytes(bytes.AsSpan(at), value);
                return bytes;
            }
        );
        StringAssert.Contains(RefusalOf(forged), named);
    }

    [TestMethod]
    [DataRow("Bert", "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 1000000", "the tensors of 1000000 layers")]
    [DataRow("Bert", "\"num_attention_heads\": 2", "\"num_attention_heads\": 3", "no divisor of 'hidden_size'")]
    [DataRow("Bert", "\"hidden_size\": 16", "\"hidden_size\": 2147483646", "word_embeddings")]
    [DataRow("Bert", "\"vocab_size\": 17", "\"vocab_size\": 2147483647", "word_embeddings")]
    [DataRow("Bert", "\"model_type\": \"bert\"", "\"model_type\": \"mpnet\"", "'pad_token_id' of 0, other than 1")]
    [DataRow("MPNet", "\"pad_token_id\": 1", "\"pad_token_id\": 2", "'pad_token_id' of 2, other than 1")]
    [DataRow("MPNet", "\"num_attention_heads\": 2", "\"num_attention_heads\": 4", "relative_attention_bias")]
    [DataRow("MPNet", "_num_buckets\": 32", "_num_buckets\": 2147483647", "'relative_attention_num_buckets' to be 32")]
    [DataRow("MPNet", "\"max_position_embeddings\": 26", "\"max_position_embeddings\": 3", "room for two tokens")]
    [DataRow("MPNet", "\"model_type\": \"mpnet\"", "\"model_type\": \"roberta\"", "token_type_embeddings")]
    public void A_forged_encoder_is_refused_before_anything_is_made(string family, string from, string to, string named)
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path, familyName: family);
        using EncoderLayersTransformer transformer = Fit(options => options.Model = folder.Path);
        byte[] forged = ZipEdit.ChangeAndSeal(
            Save(transformer),
            "config.json",
            bytes =>
            {
                string json = Encoding.UTF8.GetString(bytes);
                StringAssert.Contains(json, from);
                return Encoding.UTF8.GetBytes(json.Replace(from, to, StringComparison.Ordinal));
            }
        );
        StringAssert.Contains(RefusalOf(forged), named);
    }

    [TestMethod]
    public void A_forged_number_of_files_is_refused()
    {
        byte[] zip = Save(FitDistinct());
        byte[] configuration = [];
        _ = ZipEdit.Change(zip, "config.json", bytes => configuration = bytes);
        foreach (int count in (int[])[0, -1, 2, int.MaxValue])
        {
            byte[] forged = ZipEdit.Change(
                zip,
                "TransformerChain/Model.key",
                bytes =>
                {
                    byte[] hash = SHA256.HashData(configuration);
                    int at = bytes.AsSpan().IndexOf(hash) + hash.Length;
                    Assert.AreEqual(1, BitConverter.ToInt32(bytes, at));
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), count);
                    return bytes;
                }
            );
            Assert.IsGreaterThan(0, RefusalOf(forged).Length, $"{count}");
        }
    }

    /// <summary>A transformer whose settings can be found in the bytes that it is saved as.</summary>
    private EncoderLayersTransformer FitDistinct() =>
        Fit(options =>
        {
            options.MaximumTokens = ForgedMaximumTokens;
            options.LookAheadRows = ForgedLookAheadRows;
            options.TokensPerBatch = ForgedTokensPerBatch;
        });

    private static int SettingsIn(byte[] model)
    {
        byte[] settings =
        [
            .. ((int[])[2, ForgedMaximumTokens, ForgedLookAheadRows, ForgedTokensPerBatch]).SelectMany(
                BitConverter.GetBytes
            ),
        ];
        int at = model.AsSpan().IndexOf(settings);
        Assert.IsGreaterThan(0, at);
        return at;
    }

    private string RefusalOf(byte[] zip)
    {
        Exception refused = Assert.Throws<Exception>(() => Load(zip)).GetBaseException();
        Assert.IsInstanceOfType<FormatException>(refused, refused.ToString());
        return refused.Message;
    }
}
