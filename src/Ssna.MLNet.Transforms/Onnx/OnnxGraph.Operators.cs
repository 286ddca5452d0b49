using static Ssna.MLNet.Onnx.TensorProto.Types;

namespace Ssna.MLNet.Onnx;

// Operators by what they do; shapes are broadcast as usual.
internal sealed partial class OnnxGraph
{
    public OnnxValue Add(OnnxValue a, OnnxValue b) => Apply("Add", [a, b]);

    public OnnxValue Subtract(OnnxValue a, OnnxValue b) => Apply("Sub", [a, b]);

    public OnnxValue Multiply(OnnxValue a, OnnxValue b) => Apply("Mul", [a, b]);

    public OnnxValue Divide(OnnxValue a, OnnxValue b) => Apply("Div", [a, b]);

    public OnnxValue Larger(OnnxValue a, OnnxValue b) => Apply("Max", [a, b]);

    public OnnxValue Smaller(OnnxValue a, OnnxValue b) => Apply("Min", [a, b]);

    public OnnxValue Log(OnnxValue x) => Apply("Log", [x]);

    public OnnxValue And(OnnxValue a, OnnxValue b) => Apply("And", [a, b]);

    public OnnxValue Or(OnnxValue a, OnnxValue b) => Apply("Or", [a, b]);

    public OnnxValue Not(OnnxValue x) => Apply("Not", [x]);

    public OnnxValue IsEqual(OnnxValue a, OnnxValue b) => Apply("Equal", [a, b]);

    public OnnxValue IsLess(OnnxValue a, OnnxValue b) => Apply("Less", [a, b]);

    public OnnxValue IsAtLeast(OnnxValue a, OnnxValue b) => Apply("GreaterOrEqual", [a, b]);

    /// <summary><paramref name="then"/> where it holds, <paramref name="otherwise"/> elsewhere.</summary>
    public OnnxValue Where(OnnxValue condition, OnnxValue then, OnnxValue otherwise) =>
        Apply("Where", [condition, then, otherwise]);

    public OnnxValue Cast(OnnxValue x, DataType type) => Apply("Cast", [x], ("to", (long)type));

    /// <summary>The product of two matrices, over leading dimensions where there are any.</summary>
    public OnnxValue Product(OnnxValue a, OnnxValue b) => Apply("MatMul", [a, b]);

    /// <summary>a bᵀ of (M, K) and (N, K): (M, N).</summary>
    public OnnxValue ProductOfRows(OnnxValue a, OnnxValue b) => Apply("Gemm", [a, b], ("transB", 1L));

    /// <summary>The sum over a dimension, which stays with size 1.</summary>
    public OnnxValue Sum(OnnxValue x, long dimension) => Apply("ReduceSum", [x, List(dimension)], ("keepdims", 1L));

    /// <summary>The sum of each number and those before it, or behind it.</summary>
    public OnnxValue RunningSum(OnnxValue x, long dimension, bool fromEnd = false) =>
        Apply("CumSum", [x, Number(dimension)], ("reverse", fromEnd ? 1L : 0L));

    public OnnxValue Softmax(OnnxValue x) => Apply("Softmax", [x], ("axis", -1L));

    /// <summary>A size of a value: a whole number.</summary>
    public OnnxValue SizeOf(OnnxValue x, long dimension) => Gather(Apply("Shape", [x]), Number(dimension));

    /// <summary>0, 1, 2 and so on: (N), int64.</summary>
    public OnnxValue Counting(OnnxValue count) => Apply("Range", [Number(0L), count, Number(1L)]);

    /// <summary>Rows of a table, or what stands at indexes of another dimension.</summary>
    public OnnxValue Gather(OnnxValue table, OnnxValue indexes, long dimension = 0) =>
        Apply("Gather", [table, indexes], ("axis", dimension));

    /// <summary>From each row the entries at the indexes of its own: (B, N), (B, n) to (B, n).</summary>
    public OnnxValue GatherInRows(OnnxValue rows, OnnxValue indexes) =>
        Apply("GatherElements", [rows, indexes], ("axis", 1L));

    /// <summary>Adds numbers to the entries at each row's indexes, which may repeat: (B, N), (B, n), (B, n) to (B, N).</summary>
    public OnnxValue AddInRows(OnnxValue rows, OnnxValue indexes, OnnxValue values) =>
        Apply("ScatterElements", [rows, indexes, values], ("axis", 1L), ("reduction", "add"));

    /// <summary>The largest of each row, largest first, and where they stand.</summary>
    /// <param name="rows">(B, N).</param>
    /// <param name="count">How many: (1), int64.</param>
    public (OnnxValue Values, OnnxValue Indexes) Largest(OnnxValue rows, OnnxValue count)
    {
        OnnxValue[] found = Apply("TopK", 2, [rows, count], ("axis", -1L), ("largest", 1L), ("sorted", 1L));
        return (found[0], found[1]);
    }

    /// <summary>The same numbers in another shape; 0 keeps a size, -1 is what is left.</summary>
    public OnnxValue Reshape(OnnxValue x, params long[] shape) => Apply("Reshape", [x, List(shape)]);

    public OnnxValue Transpose(OnnxValue x, params long[] dimensions) => Apply("Transpose", [x], ("perm", dimensions));

    public OnnxValue Unsqueeze(OnnxValue x, params long[] dimensions) => Apply("Unsqueeze", [x, List(dimensions)]);

    /// <summary>What stands from one place of a dimension to before another; places below 0 count from the end.</summary>
    public OnnxValue Slice(OnnxValue x, long dimension, long from, long to) =>
        Apply("Slice", [x, List(from), List(to), List(dimension)]);

    public OnnxValue Concatenate(long dimension, params OnnxValue[] values) =>
        Apply("Concat", values, ("axis", dimension));

    /// <summary>As many numbers as another value has, all the same.</summary>
    public OnnxValue FilledLike(OnnxValue other, OnnxValue number) =>
        Apply("Expand", [number, Apply("Shape", [other])]);
}
