using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The parameters that a training changes, with the state of the update rule for each.</summary>
internal sealed class ParameterUpdates : IDisposable
{
    private readonly UpdateRule _rule;
    private readonly (string Name, Parameter Value, Tensor[] State)[] _parameters;
    private readonly Tensor _steps;   // updates per parameter

    internal ParameterUpdates(nn.Module network, UpdateRule rule)
    {
        _rule = rule;
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);   // tensors compare by value
        _parameters =
        [
            .. network.named_parameters().Where(found => found.parameter.requires_grad && seen.Add(found.parameter))
                .Select(found => (found.name, found.parameter, NewState(found.parameter, rule.StateTensors))),
        ];
        _steps = zeros(_parameters.Length, dtype: ScalarType.Int64).DetachFromDisposeScope();
    }

    internal int Count => _parameters.Length;

    /// <summary>The tensors to save.</summary>
    internal IEnumerable<(string Name, Tensor Value)> State =>
        _parameters.SelectMany(parameter => parameter.State.Select((state, i) => ($"update.{parameter.Name}.{i}", state))).Append(("update.steps", _steps));

    /// <summary>Updates every parameter that has a gradient, and clears the gradient.</summary>
    internal void Apply(double rate)
    {
        using var noGrad = no_grad();
        var steps = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(_steps.bytes);
        for (var i = 0; i < _parameters.Length; i++)
        {
            var (_, parameter, state) = _parameters[i];
            using var scope = NewDisposeScope();
            if (parameter.grad is not { } gradient) continue;
            _rule.Apply(parameter, gradient, state, rate, ++steps[i]);
            parameter.grad = null;
        }
    }

    public void Dispose()
    {
        foreach (var (_, _, states) in _parameters)
            foreach (var state in states) state.Dispose();
        _steps.Dispose();
    }

    private static Tensor[] NewState(Parameter parameter, int count)
    {
        using var noGrad = no_grad();
        return [.. Enumerable.Range(0, count).Select(_ => parameter.zeros_like().DetachFromDisposeScope())];
    }
}
