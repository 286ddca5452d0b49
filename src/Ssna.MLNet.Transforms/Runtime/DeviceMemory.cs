using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// The way of numbers between the host's memory and a device's. Each crossing makes one wait for the other, so that all go by
/// here, few and large; a test counts them.
/// </summary>
internal static class DeviceMemory
{
    [ThreadStatic]
    private static int s_reads;

    /// <summary>Index lists on a device, brought there together: one copy, for which nobody waits where it goes to a GPU.</summary>
    /// <param name="device">Where to.</param>
    /// <param name="lists">The lists.</param>
    /// <returns>Each list, int64; views of one tensor. On the CPU the lists are copied no more often than by themselves.</returns>
    public static Tensor[] Upload(Device device, params ReadOnlySpan<long[]> lists)
    {
        using var scope = NewDisposeScope();
        long length = 0;
        foreach (long[] list in lists)
        {
            length += list.Length;
        }
        Tensor all = empty(length, ScalarType.Int64); // (N)
        if (length > 0)
        {
            Span<long> rest = MemoryMarshal.Cast<byte, long>(all.bytes);
            foreach (long[] list in lists)
            {
                list.CopyTo(rest);
                rest = rest[list.Length..];
            }
        }
        all = Send(all, device);
        var views = new Tensor[lists.Length];
        long start = 0;
        for (int i = 0; i < views.Length; i++)
        {
            views[i] = all.narrow(0, start, lists[i].Length).MoveToOuterDisposeScope();
            start += lists[i].Length;
        }
        return views;
    }

    /// <summary>A tensor of the host's memory on a device; itself by another name where it is there already.</summary>
    public static Tensor Upload(Device device, Tensor values) =>
        values.device_type == device.type ? values.alias() : values.to(device);

    /// <summary>The numbers of a tensor in the host's memory, which waits until they are computed; an alias where they are there.</summary>
    /// <remarks>
    /// The device <c>meta</c>, on which tests see what a GPU would be asked to do, knows shapes and no numbers: zeros stand for them.
    /// </remarks>
    public static Tensor Read(Tensor values)
    {
        if (values.device_type == DeviceType.CPU)
        {
            return values.alias();
        }
        s_reads++;
        return values.device_type == DeviceType.META ? zeros(values.shape, values.dtype, CPU) : values.cpu();
    }

    /// <summary>How often this thread has read from another device than the CPU.</summary>
    public static int Reads => s_reads;

    // From pinned memory the copy runs beside what the host does next; libtorch keeps the memory until it is over.
    private static Tensor Send(Tensor values, Device device) =>
        device.type switch
        {
            DeviceType.CPU => values,
            DeviceType.CUDA => values.pin_memory().to(device, non_blocking: true),
            _ => values.to(device),
        };
}
