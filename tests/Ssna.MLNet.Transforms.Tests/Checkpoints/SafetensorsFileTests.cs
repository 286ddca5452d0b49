using System.Buffers.Binary;
using System.Text;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Transforms.Tests.Checkpoints;

[TestClass]
public sealed class SafetensorsFileTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow(ScalarType.Float64)]
    [DataRow(ScalarType.Float32)]
    [DataRow(ScalarType.Float16)]
    [DataRow(ScalarType.BFloat16)]
    [DataRow(ScalarType.Int64)]
    [DataRow(ScalarType.Int32)]
    [DataRow(ScalarType.Byte)]
    public void What_is_written_is_read_back_from_file_and_from_bytes(ScalarType type)
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        Tensor matrix = arange(6).to(type).view(2, 3); // (2, 3)
        Tensor transposed = matrix.t(); // (3, 2): not contiguous
        Tensor scalar = tensor(7).to(type); // ()
        Tensor nothing = zeros([0, 4], type); // (0, 4)
        string path = folder["w.safetensors"];
        SafetensorsWriter.Write(
            path,
            [("matrix", matrix), ("transposed", transposed), ("scalar", scalar), ("nothing", nothing)],
            new Dictionary<string, string> { ["made by"] = "a test" }
        );

        using SafetensorsFile file = SafetensorsFile.Open(path);
        using SafetensorsFile bytes = SafetensorsFile.Parse(File.ReadAllBytes(path));
        foreach (SafetensorsFile read in new[] { file, bytes })
        {
            Assert.AreEqual("a test", read.Metadata["made by"]);
            CollectionAssert.AreEquivalent(new[] { "matrix", "transposed", "scalar", "nothing" }, read.Names.ToArray());
            Assert.AreEqual(SafetensorsType.NameOf(type), read.TypeOf("matrix"));
            CollectionAssert.AreEqual(new long[] { 3, 2 }, read.ShapeOf("transposed").ToArray());
            CollectionAssert.AreEqual(new long[] { 0, 4 }, read.ReadRaw("nothing").shape);
            foreach (
                (string name, Tensor value) in new[]
                {
                    ("matrix", matrix),
                    ("transposed", transposed),
                    ("scalar", scalar),
                }
            )
            {
                Assert.IsTrue(value.equal(read.ReadRaw(name)).all().item<bool>(), name);
                Assert.AreEqual(ScalarType.Float32, read.Read(name).dtype);
            }
            Assert.IsFalse(read.Contains("other"));
            StringAssert.Contains(
                Assert.ThrowsExactly<KeyNotFoundException>(() => read.ReadRaw("other")).Message,
                "other"
            );
        }
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path), "no partial file is left");
    }

    [TestMethod]
    public void Tensors_are_aligned_to_their_elements_whatever_the_order_given()
    {
        using DisposeScope scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream,
            [
                ("a", zeros([3], ScalarType.Byte)),
                ("b", ones([1], ScalarType.BFloat16)),
                ("c", ones([2], ScalarType.Int64)),
            ]
        );
        byte[] bytes = stream.ToArray();
        Assert.AreEqual(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
        SafetensorsHeader header = SafetensorsHeader.Parse(
            bytes.AsMemory(8, (int)BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            3 + 2 + 16,
            "test"
        );
        foreach (SafetensorsEntry entry in header.Entries.Values)
        {
            Assert.AreEqual(0, entry.Offset % SafetensorsType.Size(entry.TypeName)!.Value);
        }
    }

    [TestMethod]
    public void A_name_written_twice_is_refused_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        using Tensor one = ones(1); // (1)
        StringAssert.Contains(
            Assert
                .ThrowsExactly<ArgumentException>(() =>
                    SafetensorsWriter.Write(folder["w.safetensors"], [("a", one), ("a", one)])
                )
                .Message,
            "'a'"
        );
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    // Each: what is wrong, the header, the bytes that follow it, and what the message must name.
    [TestMethod]
    [DataRow("offsets beyond the file", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "tensor 'w'")]
    [DataRow("offsets backwards", """{"w":{"dtype":"F32","shape":[0],"data_offsets":[4,0]}}""", 4, "[4, 0]")]
    [DataRow("three offsets", """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "data_offsets")]
    [DataRow("negative offset", """{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "-4")]
    [DataRow("size against shape", """{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "shape [3]")]
    [DataRow("size against dtype", """{"w":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}""", 8, "F16")]
    [DataRow(
        "shape overflows",
        """{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""",
        0,
        "'w'"
    )]
    [DataRow("negative size", """{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}""", 0, "'shape'")]
    [DataRow("size against a foreign dtype", """{"w":{"dtype":"U16","shape":[1],"data_offsets":[0,4]}}""", 4, "U16")]
    [DataRow("half a character", """{"\ud800":1}""", 0, "JSON")]
    [DataRow("no dtype", """{"w":{"shape":[1],"data_offsets":[0,4]}}""", 4, "dtype")]
    [DataRow("no shape", """{"w":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "'shape'")]
    [DataRow(
        "field twice",
        """{"w":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}""",
        4,
        "Duplicate property 'dtype'"
    )]
    [DataRow("unknown field", """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "'x'")]
    [DataRow("not an object", """{"w":1}""", 0, "tensor 'w'")]
    [DataRow(
        "name twice",
        """{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""",
        2,
        "Duplicate property 'w'"
    )]
    [DataRow(
        "overlap",
        """{"v":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""",
        3,
        "overlap those of 'v'"
    )]
    [DataRow(
        "hole",
        """{"v":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""",
        3,
        "tensor 'w'"
    )]
    [DataRow("hole at the start", """{"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "tensor 'w'")]
    [DataRow("bytes left over", """{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 3, "last 2 bytes")]
    [DataRow("metadata of numbers", """{"__metadata__":{"a":1}}""", 0, "'a'")]
    [DataRow("metadata no object", """{"__metadata__":1}""", 0, "__metadata__")]
    [DataRow("no JSON", """{"w":""", 0, "JSON")]
    [DataRow("no object", """[]""", 0, "'{'")]
    [DataRow("empty header", "", 0, "'{'")]
    public void A_damaged_header_is_refused(string what, string header, int dataBytes, string named)
    {
        using var folder = new TemporaryFolder();
        string path = folder["w.safetensors"];
        byte[] json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        File.WriteAllBytes(path, bytes);
        RefusesNaming(path, bytes, named, what);
    }

    [TestMethod]
    public void A_tensor_of_a_foreign_type_is_in_nobodys_way_until_it_is_asked_for()
    {
        const string Header = """
            {"f8":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},"f4":{"dtype":"F4","shape":[4],"data_offsets":[2,4]},
             "u8":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}
            """;
        byte[] json = Encoding.UTF8.GetBytes(Header);
        var bytes = new byte[8 + json.Length + 5];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        bytes[^1] = 7;
        using SafetensorsFile file = SafetensorsFile.Parse(bytes, "some file");
        Assert.AreEqual(7, file.Read("u8").item<float>());
        foreach ((string name, string type) in new[] { ("f8", "'F8_E4M3'"), ("f4", "'F4'") })
        {
            string message = Assert.ThrowsExactly<InvalidDataException>(() => file.ReadRaw(name)).Message;
            StringAssert.Contains(message, "'some file'");
            StringAssert.Contains(message, $"'{name}'");
            StringAssert.Contains(message, type);
        }
    }

    [TestMethod]
    public void A_header_that_is_no_UTF8_is_refused()
    {
        byte[] json = [.. "{\"__metadata__\":{\"a\":\""u8, 0xFF, .. "\"}}"u8];
        var bytes = new byte[8 + json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["w.safetensors"], bytes);
        RefusesNaming(folder["w.safetensors"], bytes, "expected UTF-8, found other bytes at position 22", "0xFF");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(7)]
    [DataRow(8)]
    [DataRow(40)]
    [DataRow(-1)]
    public void A_truncated_file_is_refused(int length)
    {
        using var folder = new TemporaryFolder();
        using Tensor matrix = ones(4, 4); // (4, 4)
        string path = folder["w.safetensors"];
        SafetensorsWriter.Write(path, [("w", matrix)]);
        byte[] whole = File.ReadAllBytes(path);
        byte[] part = length < 0 ? whole[..^1] : whole[..length];
        File.WriteAllBytes(path, part);
        if (length == 0)
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(path)).Message,
                "found an empty one"
            );
            return;
        }
        RefusesNaming(path, part, length < 0 ? "tensor 'w'" : "bytes", $"{length} bytes");
    }

    [TestMethod]
    [DataRow(long.MaxValue)]
    [DataRow(-1L)]
    [DataRow(100_000_001L)]
    public void A_header_of_absurd_length_is_refused_before_it_is_read(long length)
    {
        using var folder = new TemporaryFolder();
        string path = folder["w.safetensors"];
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(path, bytes);
        RefusesNaming(path, bytes, "more than the 100000000", $"{length}");
    }

    private static void RefusesNaming(string path, byte[] bytes, string named, string what)
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(path), what).Message;
        StringAssert.Contains(message, path, what);
        StringAssert.Contains(message, named, what);
        message = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Parse(bytes, "zip"), what).Message;
        StringAssert.Contains(message, "'zip'", what);
        StringAssert.Contains(message, named, what);
    }
}
