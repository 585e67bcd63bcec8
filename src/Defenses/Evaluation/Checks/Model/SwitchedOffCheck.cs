using System.Reflection;
using Defenses.Evaluation.Reporting;
using Defenses.Layers;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.SwitchedOff"/>
internal sealed class SwitchedOffCheck : ModelCheck
{
    private const double Tolerance = 1e-3;
    private const string Action = "If it is the defense, let it act in evaluation too: derive it from StochasticLayer with ActiveIn = Phases.Always "
        + "(the default), or do not read 'training'.";

    private static readonly Assembly[] s_known = [typeof(nn.Module).Assembly, typeof(SwitchedOffCheck).Assembly];

    public override string Title => "A defense that switches off in eval()";

    protected internal override string? WhyNot(CheckContext context) => context.WithoutNetwork();

    protected override IEnumerable<Finding> ProbeCore(CheckContext context) => context.Networks.SelectMany(network => Probe(context, network));

    private IEnumerable<Finding> Probe(CheckContext context, nn.Module network)
    {
        var resting = network.StochasticLayers().Where(found => !found.Layer.ActiveIn.HasFlag(Phases.Evaluation)).ToArray();
        foreach (var (path, layer) in resting.Where(found => found.Layer is not DefensiveDropout))
            yield return Finding(Severity.Warning, $"{layer.GetType().Name} at '{path}' draws in no answer: its ActiveIn is {layer.ActiveIn}.", Action);
        foreach (var (path, module) in network.named_modules().Prepend(("", network)).Where(found => IsCustom(found.Item2)))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (FollowsTraining(context, network, module))
                yield return Finding(Severity.Warning,
                    $"{module.GetType().Name} at '{path}' changes the answers in training mode, and does not do so in evaluation mode.", Action);
        }
        if (context.IsDefense && resting.Any(found => found.Layer is DefensiveDropout) && !context.Model.IsRandom && !HasOtherDefense(network))
            yield return Finding(Severity.Note,
                $"The only layers that could protect the model are dropout, and they are off in evaluation: that is plain dropout, no defense.",
                "If dropout is the defense, set ActiveIn = Phases.Always on its layers.");
    }

    private static bool HasOtherDefense(nn.Module network) =>
        network.modules().Any(module => module.GetType().Namespace == typeof(DefensiveDropout).Namespace && module is not DefensiveDropout);

    // Neither torch's nor the library's.
    private static bool IsCustom(nn.Module module) => module is not StochasticLayer && !s_known.Contains(module.GetType().Assembly);

    private static bool FollowsTraining(CheckContext context, nn.Module network, nn.Module module)
    {
        using var scope = NewDisposeScope();
        var inEvaluation = Answer(context);
        using var buffers = new BufferSnapshot(network);
        using var mode = TrainingAlone(module);
        var (first, second) = (Answer(context), Answer(context));
        var isStateless = !module.parameters().Any() && !module.buffers().Any();
        return Differ(first, second) || (isStateless && Differ(first, inEvaluation));
    }

    private static Tensor Answer(CheckContext context)
    {
        using var streams = context.Model.LendStreams(context.SeedOf(nameof(SwitchedOffCheck)));
        return context.Answer(context.Images);
    }

    private static bool Differ(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return ((a - b).abs() > Tolerance * (1 + a.abs())).any().ToBoolean();
    }

    // The module in training mode, its children in evaluation mode.
    private static Undo TrainingAlone(nn.Module module)
    {
        module.train();
        foreach (var child in module.children()) child.eval();
        return new Undo(module.eval);
    }
}

/// <summary>The values of a network's buffers, written back on dispose.</summary>
internal sealed class BufferSnapshot(nn.Module network) : IDisposable
{
    private readonly (Tensor Buffer, Tensor Value)[] _kept = [.. network.buffers().Select(buffer => (buffer, buffer.detach().clone()))];

    public void Dispose()
    {
        using var noGrad = no_grad();
        foreach (var (buffer, value) in _kept)
        {
            buffer.copy_(value);
            value.Dispose();
        }
    }
}
