using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class SsnaTransformerSaveTests
{
    private const string Folder = "TransformerChain/";

    private static readonly MLContext s_context = RingShopModel.Context;

    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public void Loaded_model_is_the_saved_one_to_the_last_bit()
    {
        IDataView users = RingShop.TrainingUsers<string>(s_context, 300);
        using SsnaTransformer loaded = Load(Saved());
        CollectionAssert.AreEqual(
            DataViews.Lines(Model.Transform(users)).ToArray(),
            DataViews.Lines(loaded.Transform(users)).ToArray()
        );
        CollectionAssert.AreEqual(
            Model.Recommend(["item04", "item05"]).ToArray(),
            loaded.Recommend(["item04", "item05"]).ToArray()
        );
        CollectionAssert.AreEqual(Model.Training.Epochs.ToArray(), loaded.Training.Epochs.ToArray());
        Assert.AreEqual(Model.Training.Duration, loaded.Training.Duration);
    }

    [TestMethod]
    public void A_new_process_loads_it_without_being_told_of_it() => NewProcess.AssertScoresEqually(s_context, Model);

    [TestMethod]
    public void A_zip_of_a_newer_version_says_what_to_update()
    {
        // In ML.NET's header, the versions written and needed follow the signature.
        byte[] newer = Rewrite(
            Folder + "Model.key",
            bytes =>
            {
                Assert.IsTrue(bytes.AsSpan(0x40, 8).SequenceEqual("SSNA\0REC"u8));
                BitConverter.TryWriteBytes(bytes.AsSpan(0x48), 0x00990001);
                BitConverter.TryWriteBytes(bytes.AsSpan(0x4C), 0x00990001);
                return bytes;
            }
        );
        Exception error = Refused(newer);
        StringAssert.Contains(
            error.Message,
            $"was written by a newer version of this library, {LibraryVersions.Present["Ssna.MLNet"]}: its format is"
        );
        StringAssert.Contains(error.Message, "Update the package 'Ssna.MLNet'");
    }

    [TestMethod]
    public void A_zip_of_an_older_version_says_what_to_do()
    {
        byte[] older = Rewrite(
            Folder + "Model.key",
            bytes =>
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(0x48), 0x00010001);
                BitConverter.TryWriteBytes(bytes.AsSpan(0x4C), 0x00010001);
                return bytes;
            }
        );
        Exception error = Refused(older);
        Assert.IsInstanceOfType<FormatException>(error);
        StringAssert.Contains(error.Message, "older version of this library");
        StringAssert.Contains(error.Message, "0x00010001");
    }

    [TestMethod]
    public void A_zip_cut_off_anywhere_is_an_error()
    {
        byte[] zip = Saved();
        for (int share = 0; share < 20; share++)
        {
            byte[] part = zip[..(zip.Length * share / 20)];
            Assert.Throws<Exception>(() => Load(part));
        }
        Assert.IsInstanceOfType<InvalidDataException>(Refused(zip[..^10]));
    }

    [TestMethod]
    [DataRow("Settings.json")]
    [DataRow("Items.bin")]
    [DataRow("Tensors.safetensors")]
    public void A_damaged_or_missing_part_is_one_error_that_says_so(string entry)
    {
        Exception error = Refused(Rewrite(Folder + entry, bytes => bytes[..(bytes.Length / 2)]));
        Assert.IsInstanceOfType<FormatException>(error);
        StringAssert.Contains(error.Message, "damaged");
        error = Refused(Rewrite(Folder + entry, _ => null));
        StringAssert.Contains(error.Message, entry);
    }

    [TestMethod]
    [DataRow("Settings.json")]
    [DataRow("Items.bin")]
    [DataRow("Tensors.safetensors")]
    public void One_changed_byte_is_an_error_that_names_the_part(string entry)
    {
        Exception error = Refused(
            Rewrite(
                Folder + entry,
                bytes =>
                {
                    bytes[^1] ^= 1;
                    return bytes;
                }
            )
        );
        Assert.IsInstanceOfType<FormatException>(error);
        StringAssert.Contains(error.Message, "damaged");
        StringAssert.Contains(error.Message, entry);
    }

    [TestMethod]
    public void Tensors_are_loaded_without_a_second_copy_in_an_array_which_would_hold_no_more_than_2_GiB()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        (options.Dimension, options.MaximumSteps) = (512, 1);
        using var folder = new TemporaryFolder();
        using (
            SsnaTransformer wide = s_context
                .Recommendation()
                .Trainers.Ssna(options)
                .Fit(RingShop.TrainingUsers<string>(s_context, 5))
        )
        {
            s_context.Model.Save(wide, null, folder["model.zip"]);
        }
        long tensors;
        using (ZipArchive zip = ZipFile.OpenRead(folder["model.zip"]))
        {
            tensors = zip.Entries.Single(entry => entry.Name == "Tensors.safetensors").Length;
        }
        Load(Saved()).Dispose(); // what the first load allocates once is not counted
        long before = GC.GetAllocatedBytesForCurrentThread();
        ((SsnaTransformer)s_context.Model.Load(folder["model.zip"], out _)).Dispose();
        Assert.IsLessThan(tensors / 4, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void A_tensor_of_another_shape_is_named()
    {
        Exception error = Refused(
            RewriteAndSeal(
                Folder + "Settings.json",
                bytes =>
                    Encoding.UTF8.GetBytes(
                        Encoding.UTF8.GetString(bytes).Replace("\"InnerSize\": 32", "\"InnerSize\": 31")
                    )
            )
        );
        StringAssert.Contains(error.Message, "Tensor 'sequence.");
        StringAssert.Contains(error.Message, "31");
        StringAssert.Contains(error.Message, "32");
    }

    private static byte[] Saved()
    {
        using var zip = new MemoryStream();
        s_context.Model.Save(Model, null, zip);
        return zip.ToArray();
    }

    private static SsnaTransformer Load(byte[] zip)
    {
        using var stream = new MemoryStream(zip);
        return (SsnaTransformer)s_context.Model.Load(stream, out _);
    }

    // ML.NET wraps what a loaded class throws.
    private static Exception Refused(byte[] zip) => Assert.Throws<Exception>(() => Load(zip)).GetBaseException();

    private static byte[] Rewrite(string name, Func<byte[], byte[]?> change) => ZipEdit.Change(Saved(), name, change);

    // A part as somebody would have saved it, with its hash.
    private static byte[] RewriteAndSeal(string name, Func<byte[], byte[]> change)
    {
        (byte[] before, byte[] after) = ([], []);
        byte[] zip = Rewrite(
            name,
            bytes =>
            {
                before = SHA256.HashData(bytes);
                byte[] changed = change(bytes);
                after = SHA256.HashData(changed);
                return changed;
            }
        );
        return ZipEdit.Change(
            zip,
            Folder + "Model.key",
            bytes =>
            {
                after.CopyTo(bytes, bytes.AsSpan().IndexOf(before));
                return bytes;
            }
        );
    }
}
