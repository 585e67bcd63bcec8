using Defenses.Layers;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a defense that acts in training mode and switches off in <c>eval()</c>, so that the deployed model is unprotected.</summary>
/// <remarks>
/// A warning for a stochastic layer whose <see cref="StochasticLayer.ActiveIn"/> leaves evaluation out, and for a module of the user's own that, put into training mode alone, makes the
/// answers change, by chance or (where it has neither weights nor buffers) at all. Plain dropout is meant to rest: it is worth a note only
/// where the model is meant to be protected and nothing else in it draws or acts. Buffers that such a pass changes are put back.
/// Source: design law "a defense does not switch off in eval()"; Carlini et al. 2019, section 3 (evaluate the deployed system).
/// </remarks>
public sealed class SwitchedOffCheck : ModelCheck
{
    private const string Action = "If it is the defense, let it act in evaluation too: derive it from StochasticLayer with ActiveIn = Phases.Always (the default), or do not ask for 'training'.";

    /// <inheritdoc/>
    public override string Title => "A defense that switches off in eval()";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        var network = subject.Model.Network;
        var resting = network.StochasticLayers().Where(found => !found.Layer.ActiveIn.HasFlag(Phases.Evaluation)).ToArray();
        foreach (var (path, layer) in resting.Where(found => found.Layer is not DefensiveDropout))
            yield return Finding(Severity.Warning, $"{layer.GetType().Name} at '{path}' draws in no answer: its ActiveIn is {layer.ActiveIn}.", Action);
        foreach (var (path, module) in network.named_modules().Prepend(("", network)).Where(found => IsOwn(found.Item2)))
        {
            subject.Cancellation.ThrowIfCancellationRequested();
            if (FollowsTraining(subject, module))
                yield return Finding(Severity.Warning, $"{module.GetType().Name} at '{path}' changes the answers in training mode, and does not do so in evaluation mode.", Action);
        }
        if (subject.IsDefense && resting.Any(found => found.Layer is DefensiveDropout) && !subject.Model.IsRandom && !HasOtherDefense(network))
            yield return Finding(Severity.Note, $"The only layers that could protect the model are dropout, and they rest in evaluation: that is plain dropout, no defense.",
                "If dropout is the defense, set ActiveIn = Phases.Always on its layers.");
    }

    private static bool HasOtherDefense(nn.Module network) =>
        network.modules().Any(module => module.GetType().Namespace == typeof(DefensiveDropout).Namespace && module is not DefensiveDropout);

    // Written by the user: neither torch's nor the library's.
    private static bool IsOwn(nn.Module module) =>
        module is not StochasticLayer && module.GetType().Assembly != typeof(nn.Module).Assembly && module.GetType().Assembly != typeof(SwitchedOffCheck).Assembly;

    private static bool FollowsTraining(CheckSubject subject, nn.Module module)
    {
        using var scope = NewDisposeScope();
        var rest = Answer(subject);
        using var buffers = new KeptBuffers(subject.Model.Network);
        using var mode = TrainingAlone(module);
        var (first, second) = (Answer(subject), Answer(subject));
        var isStateless = !module.parameters().Any() && !module.buffers().Any();
        return Differ(first, second) || (isStateless && Differ(first, rest));
    }

    private static Tensor Answer(CheckSubject subject)
    {
        using var streams = subject.Model.LendStreams(subject.SeedOf(nameof(SwitchedOffCheck)));
        return subject.Model.Answer(subject.Images);
    }

    private static bool Differ(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return ((a - b).abs() > 1e-3 * (1 + a.abs())).any().ToBoolean();
    }

    // The module in training mode, its children in evaluation mode.
    private static Restore TrainingAlone(nn.Module module)
    {
        module.train();
        foreach (var child in module.children()) child.eval();
        return new Restore(module.eval);
    }
}
