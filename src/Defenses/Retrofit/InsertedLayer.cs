using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>One layer that a retrofit put into a model.</summary>
public sealed class InsertedLayer
{
    internal InsertedLayer(string path, string target, Placement placement, RetrofitRoute route, nn.Module<Tensor, Tensor> layer, long calls) =>
        (Path, Target, Placement, Route, Layer, Calls) = (path, target, placement, route, layer, calls);

    /// <summary>The path of the layer's module before the retrofit.</summary>
    public string Path { get; }

    /// <summary>The type of that module.</summary>
    public string Target { get; }

    /// <summary>The position of the layer relative to the module.</summary>
    public Placement Placement { get; }

    /// <summary>How the layer was inserted.</summary>
    public RetrofitRoute Route { get; }

    /// <summary>The layer.</summary>
    public nn.Module<Tensor, Tensor> Layer { get; }

    /// <summary>How often the layer ran during the probe; at least once; more often if the module is used more than once.</summary>
    public long Calls { get; }

    /// <summary>Such as "features.1: StochasticActivationPruning after ReLU (slot, ran 1 time)".</summary>
    public override string ToString()
    {
        var relation = Placement switch { Placement.Before => "before", Placement.After => "after", _ => "instead of" };
        var route = Route switch { RetrofitRoute.Slot => "slot", RetrofitRoute.Field => "field", _ => "hook" };
        return $"{Path}: {Layer.GetType().Name} {relation} {Target} ({route}, ran {Calls} {(Calls == 1 ? "time" : "times")})";
    }
}
