using Defenses.Retrofit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Defenses.Tests.Retrofit;

/// <summary>A way of building c·relu(b·relu(a·x)), and what a retrofit of its ReLUs must report.</summary>
internal sealed record Shape(Func<Module<Tensor, Tensor>> Build, string Paths, RetrofitRoute Route, string Keys, string Calls = "1 1", double Last = 5)
{
    internal static readonly IReadOnlyDictionary<string, Shape> All = new Dictionary<string, Shape>
    {
        ["Sequential"] = new(() => Sequential(new Scale(2), ReLU(), new Scale(3), ReLU(), new Scale(5)), "1 3", RetrofitRoute.Slot, "0 2 4"),
        ["Sequential with names"] = new(
            () => Sequential(("a", new Scale(2)), ("r", ReLU()), ("b", new Scale(3)), ("s", ReLU(inplace: true)), ("c", new Scale(5))), "r s",
                RetrofitRoute.Slot, "a b c"),
        ["Sequential of Sequentials"] = new(
            () => Sequential(Sequential(new Scale(2), ReLU()), Sequential(new Scale(3), Sequential(ReLU(), new Scale(5)))), "0.1 1.1.0", RetrofitRoute.Slot,
                "0.0 1.0 1.1.1"),
        ["subclass of Sequential"] = new(() => new OwnSequential(), "1 3", RetrofitRoute.Slot, "0 2 4"),
        ["custom blocks in a Sequential"] = new(
            () => Sequential(new Scale(2), new Block(3), new Block(5)), "1.relu 2.relu", RetrofitRoute.Field, "0 1.scale 2.scale"),
        ["untyped fields, call"] = new(() => new UntypedFields(), "relu1 relu2", RetrofitRoute.Field, "first second last"),
        ["untyped fields, forward"] = new(() => new ForwardCalls(), "relu1 relu2", RetrofitRoute.Field, "first second last"),
        ["typed fields, call"] = new(() => new TypedFields(), "relu1 relu2", RetrofitRoute.Hook, "first second last"),
        ["ModuleList"] = new(() => new Lists(), "steps.1 steps.3", RetrofitRoute.Slot, "steps.0 steps.2 steps.4"),
        ["ModuleDict"] = new(() => new Dictionaries(), "steps.act steps.act2", RetrofitRoute.Slot, "steps.a steps.b steps.c"),
        ["array and dictionary"] = new(() => new Arrays(), "act_one act_two", RetrofitRoute.Field, "scale0 scale1 scale2"),
        ["typed ModuleList"] = new(() => new TypedList(), "acts.0 acts.1", RetrofitRoute.Hook, "scales.0 scales.1 scales.2"),
        ["fields of a base and an auto-property"] = new(
            () => new Derived(), "act1 <Act2>k__BackingField", RetrofitRoute.Field, "first second last"),
        ["one ReLU in two slots"] = new(SharedSlots, "1 3", RetrofitRoute.Slot, "0 2 4"),
        ["one ReLU used twice"] = new(() => new OneReLUTwice(), "relu", RetrofitRoute.Field, "first second last", "2"),
        ["one ReLU under two names"] = new(() => new OneReLUTwoNames(), "relu", RetrofitRoute.Field, "first second last", "2"),
        ["one block in two slots"] = new(SharedBlock, "1.relu", RetrofitRoute.Field, "0 1.scale", "2", Last: 3),
    };

    internal static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Without ModuleDict, which torch itself cannot convert, because it has two indexers.</summary>
    internal static TheoryData<string> Convertible => [.. All.Keys.Where(name => name != "ModuleDict")];

    internal IReadOnlyList<string> WeightKeys => [.. Keys.Split(' ').Select(key => $"{key}.weight")];

    /// <summary>The function of the network with something else in place of relu.</summary>
    internal Tensor Compute(Tensor x, Func<Tensor, Tensor> act) => Last * act(3 * act(2 * x));

    private static Sequential SharedSlots()
    {
        var relu = ReLU();
        return Sequential(new Scale(2), relu, new Scale(3), relu, new Scale(5));
    }

    private static Sequential SharedBlock()
    {
        var block = new Block(3);
        return Sequential(new Scale(2), block, block);
    }
}
