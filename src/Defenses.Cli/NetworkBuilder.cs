using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Switching;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Makes the networks that recipes ask for. What it means to fit one, a derived class says: to train it, or to leave it to weights that are read
/// later.</summary>
internal abstract class NetworkBuilder(bool isColor, ulong seed) : IDisposable
{
    private readonly List<IDisposable> _made = [];
    private nn.Module<Tensor, Tensor>? _base;

    /// <summary>Whether the images are colour photographs rather than grey digits.</summary>
    internal bool IsColor => isColor;

    /// <summary>Channels of the switching network in each block.</summary>
    internal abstract int Channels { get; }

    /// <summary>The network for colour images.</summary>
    internal abstract ColorNetwork Color { get; }

    /// <summary>The unprotected network, trained.</summary>
    internal nn.Module<Tensor, Tensor> Base()
    {
        if (_base is not null) return _base;
        var network = Fresh();
        FitBase(network);
        return _base = Ready(network);
    }

    /// <summary>A network of its own with the weights of the unprotected one.</summary>
    internal nn.Module<Tensor, Tensor> Copy()
    {
        var copy = Fresh();
        copy.load_state_dict(Base().state_dict());
        return copy;
    }

    /// <summary>A copy with layers behind (or before) every module of a type, by the module's name; null leaves one alone.</summary>
    internal nn.Module<Tensor, Tensor> With<TModule>(Func<string, nn.Module<Tensor, Tensor>?> layer, bool before = false)
        where TModule : nn.Module<Tensor, Tensor> => Into<TModule>(Copy(), layer, before);

    /// <summary>The same in a network that was made here.</summary>
    internal nn.Module<Tensor, Tensor> Into<TModule>(nn.Module<Tensor, Tensor> network, Func<string, nn.Module<Tensor, Tensor>?> layer, bool before)
        where TModule : nn.Module<Tensor, Tensor>
    {
        using var probe = Probe();
        Keep(before ? network.InsertBefore<TModule>(layer, probe) : network.InsertAfter<TModule>(layer, probe));
        return Ready(network);
    }

    /// <summary>A copy whose ReLUs are replaced.</summary>
    internal nn.Module<Tensor, Tensor> WithActivations(Func<string, nn.Module<Tensor, Tensor>?> activation)
    {
        var network = Copy();
        using var probe = Probe();
        Keep(network.ReplaceReLU(activation, probe));
        return Ready(network);
    }

    /// <summary>Trains a network on with its layers in place.</summary>
    internal abstract nn.Module<Tensor, Tensor> Tuned(string name, nn.Module<Tensor, Tensor> network);

    /// <summary>A network of its own that is trained for an objective, from its first weights on.</summary>
    /// <param name="name">What it is called while it is trained.</param>
    /// <param name="objective">Makes the objective.</param>
    internal abstract nn.Module<Tensor, Tensor> Fitted(string name, Func<TrainingObjective> objective);

    /// <summary>A copy of the unprotected network that is trained on against an attack.</summary>
    /// <param name="name">What it is called while it is trained.</param>
    /// <param name="objective">Makes the objective.</param>
    internal abstract nn.Module<Tensor, Tensor> Hardened(string name, Func<TrainingObjective> objective);

    /// <summary>Hierarchical random switching, trained bottom-up.</summary>
    internal abstract SwitchingNetwork Switching(int channels);

    public void Dispose()
    {
        foreach (var made in Enumerable.Reverse(_made)) made.Dispose();
    }

    /// <summary>Two images to prove on that layers run.</summary>
    protected abstract Tensor Probe();

    /// <summary>Fits the unprotected network.</summary>
    protected abstract void FitBase(nn.Module<Tensor, Tensor> network);

    /// <summary>A network with its first weights.</summary>
    protected nn.Module<Tensor, Tensor> Fresh() =>
        Ready(Keep(Blocks(1)[0](seed)));

    /// <summary>The makers of the network's blocks.</summary>
    protected IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Blocks(int blocks) =>
        isColor ? HrsBlocks.Cifar10(blocks, Color.Dropout, Color.Width) : HrsBlocks.Mnist(blocks);

    /// <summary>Something that lives as long as the builder.</summary>
    protected T Keep<T>(T made) where T : IDisposable
    {
        _made.Add(made);
        return made;
    }

    /// <summary>Seeds the new layers, too: views of fixed draws see the network's own numbered draws.</summary>
    protected TNetwork Ready<TNetwork>(TNetwork network) where TNetwork : nn.Module
    {
        network.eval();
        network.Reseed(seed);
        return network;
    }
}
