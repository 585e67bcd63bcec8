using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>A layer that draws at random: the base of every stochastic defense.</summary>
/// <remarks>
/// The base class decides <i>when</i> a layer draws, the derived class <i>what</i>. By default a layer draws in training and in evaluation:
/// a defense does not switch off in <c>eval()</c>. While <see cref="FixedDraw"/> is set the layer is one deterministic
/// function, numbered by the draw, and the whole batch shares the draw; otherwise every example has its own draw.
/// </remarks>
public abstract class StochasticLayer : nn.Module<Tensor, Tensor>, ISurrogateGradient
{
    private RandomSource _source = new();
    private RandomSource? _replay, _lent;

    /// <summary>Names the layer for torch.</summary>
    protected StochasticLayer(string name) : base(name) { }

    /// <summary>The phases in which the layer draws; by default all.</summary>
    public Phases ActiveIn { get; set; } = Phases.Always;

    /// <summary>The number of the draw to replay in every call, or null (the default) for a fresh draw per call and example.</summary>
    public long? FixedDraw { get; set; }

    /// <summary>Whether the next call draws.</summary>
    public bool IsActive => !IsDisabled && (ActiveIn & (training ? Phases.Training : Phases.Evaluation)) != Phases.None;

    /// <summary>Whether a fresh call draws separately for each example, so that draws can be folded into the batch.</summary>
    public virtual bool DrawsPerSample => true;

    /// <inheritdoc/>
    public bool UseSurrogate { get; set; }

    /// <summary>Whether there is a smoother function to differentiate in the layer's place; if not, <see cref="UseSurrogate"/> changes nothing.</summary>
    protected internal virtual bool HasSurrogate => true;

    /// <summary>How often the layer ran, with or without drawing.</summary>
    internal long Calls { get; private set; }

    /// <summary>Whether randomness is switched off for the whole network (<see cref="StochasticNetworks.DisableRandomness"/>).</summary>
    internal bool IsDisabled { get; set; }

    /// <summary>The seed of the layer's stream.</summary>
    internal ulong Seed => _source.Seed;

    /// <summary>Restarts the layer's stream from a seed. By default the seed comes from the operating system.</summary>
    public void Reseed(ulong seed) => (_source, _replay) = (new RandomSource(seed), null);

    /// <summary>Active: a draw of the layer; otherwise its deterministic form. Shape: (N, …) → as defined by the derived class.</summary>
    public sealed override Tensor forward(Tensor x)
    {
        Require.FloatingPoint(x, nameof(x));
        Calls++;
        if (!IsActive) return Deterministic(x);
        using var scope = NewDisposeScope();
        var input = DrawFolding.Unfold(x);
        var drawn = UseSurrogate && HasSurrogate && input.requires_grad ? SurrogateGradient.Of(() => Draw(input), Surrogate(input)) : Draw(input);
        return drawn.MoveToOuterDisposeScope();
    }

    /// <summary>One draw of the layer applied to x. Draws only from <paramref name="random"/>.</summary>
    protected abstract Tensor Sample(Tensor x, RandomSource random);

    /// <summary>The layer without randomness.</summary>
    protected abstract Tensor Deterministic(Tensor x);

    /// <summary>The function that the backward pass differentiates if <see cref="UseSurrogate"/> is set; by default the deterministic form.</summary>
    protected virtual Tensor Surrogate(Tensor x) => Deterministic(x);

    /// <summary>The stream of fresh draws: the lent one, or the layer's own.</summary>
    internal RandomSource Stream => _lent ?? _source;

    /// <summary>Takes fresh draws from another stream, or from the layer's own again (null). Returns the stream that was lent before.</summary>
    /// <remarks>Numbered draws always come from the layer's own stream: draw k is the same network for every caller.</remarks>
    internal RandomSource? Lend(RandomSource? stream)
    {
        var before = _lent;
        _lent = stream;
        return before;
    }

    private Tensor Draw(Tensor x)
    {
        if (FixedDraw is not { } draw) return Sample(Stream);
        _replay ??= new RandomSource(_source.Seed);
        _replay.Restart(draw);
        return Sample(_replay);

        // Foreign layers may keep tensors, or have children that keep some.
        Tensor Sample(RandomSource random) =>
            TensorFields.IsForeign(GetType()) ? ForwardPass.Run(this, x, input => this.Sample(input, random)) : this.Sample(x, random);
    }
}

/// <summary>The phases of a network in which a stochastic layer draws.</summary>
[Flags]
public enum Phases
{
    /// <summary>Never: the layer computes its deterministic form.</summary>
    None = 0,

    /// <summary>While the module is in training mode.</summary>
    Training = 1,

    /// <summary>While the module is in evaluation mode.</summary>
    Evaluation = 2,

    /// <summary>Always: the default. A defense does not switch off in <c>eval()</c>.</summary>
    Always = Training | Evaluation,
}
