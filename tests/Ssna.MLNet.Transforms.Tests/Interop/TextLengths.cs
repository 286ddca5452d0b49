using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Transforms.Tests.Interop;

/// <summary>A mapper that counts what it does: the length of each text, and the longest text of its block.</summary>
internal sealed class TextLengths(
    IHostEnvironment env,
    DataViewSchema schema,
    int window,
    CancellationToken cancellation = default
)
    : BlockMapper(
        env.Register(nameof(TextLengths)),
        schema,
        [
            new OutputColumn("Length", NumberDataViewType.Int32, [schema["Text"]]),
            new OutputColumn("Longest", new VectorDataViewType(NumberDataViewType.Single, 2), [schema["Text"]]),
        ],
        window,
        memory: null,
        cancellation
    )
{
    public int Gathered;
    public List<int> LengthBlocks { get; } = [];
    public List<int> LongestBlocks { get; } = [];

    protected internal override BlockComputation CreateComputation(DataViewRow input, IReadOnlyList<bool> active) =>
        new Computation(this, input);

    private sealed class Computation(TextLengths parent, DataViewRow input) : BlockComputation
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> _text = input.GetGetter<ReadOnlyMemory<char>>(
            input.Schema["Text"]
        );
        private readonly List<string> _texts = [];
        private int[]? _lengths;
        private int? _longest;

        protected override void Clear()
        {
            _texts.Clear();
            _lengths = null;
            _longest = null;
        }

        protected override void GatherRow(int row)
        {
            Assert.HasCount(row, _texts);
            ReadOnlyMemory<char> text = default;
            _text(ref text);
            _texts.Add(text.ToString());
            Interlocked.Increment(ref parent.Gathered);
        }

        private int[] Lengths()
        {
            if (_lengths is null)
            {
                lock (parent)
                {
                    parent.LengthBlocks.Add(Count);
                }
                _lengths = [.. _texts.Select(text => text.Length)];
            }
            return _lengths;
        }

        private int Longest()
        {
            if (_longest is null)
            {
                lock (parent)
                {
                    parent.LongestBlocks.Add(Count);
                }
                _longest = _texts.Max(text => text.Length);
            }
            return _longest.Value;
        }

        public override Delegate CreateGetter(int output) =>
            output == 0
                ? (ValueGetter<int>)((ref int value) => value = Lengths()[Row])
                : (ValueGetter<VBuffer<float>>)(
                    (ref VBuffer<float> value) =>
                    {
                        VBufferEditor<float> editor = VBufferEditor.Create(ref value, 2);
                        editor.Values[0] = Longest();
                        editor.Values[1] = _texts[Row].Length;
                        value = editor.Commit();
                    }
                );
    }
}
