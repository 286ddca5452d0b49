using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>
/// A gated recurrent unit that reads the layers from the top down, from a state of zeros; its last state is the embedding.
/// Gates are laid out and initialised as in PyTorch's GRU: reset, update, new; uniform within 1 / sqrt(d).
/// </summary>
internal sealed class GruIntegrator : LayerIntegrator
{
    private readonly int _dimension;
    private readonly Parameter _inputWeight;
    private readonly Parameter _inputBias;
    private readonly Parameter _stateWeight;
    private readonly Parameter _stateBias;

    public GruIntegrator(ParameterBuffer parameters, int dimension)
    {
        _dimension = dimension;
        Initialization uniform = Initialization.Uniform(1 / Math.Sqrt(dimension));
        _inputWeight = parameters.Declare("integration.input.weight", uniform, 3L * dimension, dimension);
        _inputBias = parameters.Declare("integration.input.bias", uniform, 3L * dimension);
        _stateWeight = parameters.Declare("integration.state.weight", uniform, 3L * dimension, dimension);
        _stateBias = parameters.Declare("integration.state.bias", uniform, 3L * dimension);
    }

    public override Tensor Forward(IReadOnlyList<Tensor> layers, ForwardPass pass)
    {
        Tensor? state = null;
        foreach (Tensor layer in layers)
        {
            Tensor input = pass.Linear(layer, _inputWeight.Value, _inputBias.Value); // (V, 3d)
            // A product with the first state, which is zero, would be zero: its bias alone is left.
            Tensor fromState = state is null
                ? _stateBias.Value.unsqueeze(0) // (1, 3d)
                : pass.Linear(state, _stateWeight.Value, _stateBias.Value); // (V, 3d)

            // Split, not narrowed: one piece's gradient would be written into zeros of the whole width, for every piece.
            Tensor[] ofInput = input.split([2 * _dimension, _dimension], 1); // (V, 2d), (V, d)
            Tensor[] ofState = fromState.split([2 * _dimension, _dimension], 1); // (V or 1, 2d), (V or 1, d)
            Tensor[] gates = ofInput[0].Plus(ofState[0]).sigmoid().chunk(2, 1); // 2 of (V, d)
            (Tensor reset, Tensor update) = (gates[0], gates[1]); // (V, d), (V, d)
            Tensor candidate = ofInput[1].PlusProduct(reset, ofState[1], 1).tanh(); // (V, d)
            // (1 - update) candidate + update state
            state = state is null
                ? candidate.PlusProduct(candidate, update, -1) // (V, d)
                : candidate.PlusProduct(state - candidate, update, 1); // (V, d)
        }
        return state!;
    }
}
