using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Transforms.Tests.Runtime;

[TestClass]
public sealed class ElfVersionNeedsTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(63)]
    [DataRow(4096)]
    public void A_file_that_is_no_elf_library_is_left_alone(int length)
    {
        byte[] image = new byte[length];
        new Random(1).NextBytes(image);
        byte[] before = [.. image];
        Assert.IsFalse(ElfVersionNeeds.Replace(image, "libstdc++.so.6", "GLIBCXX_3.4.32", "GLIBCXX_3.4.30"));
        CollectionAssert.AreEqual(before, image);
    }

    [TestMethod]
    public void Offsets_outside_a_truncated_library_are_no_crash()
    {
        byte[] image = new byte[128];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }.CopyTo(image, 0);
        image[0x28] = 200; // the section header table lies behind the end
        image[0x3A] = 64;
        image[0x3C] = 3;
        Assert.IsFalse(ElfVersionNeeds.Replace(image, "libstdc++.so.6", "GLIBCXX_3.4.32", "GLIBCXX_3.4.30"));
    }
}
