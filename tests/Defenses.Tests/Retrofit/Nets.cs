using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Defenses.Tests.Retrofit;

// Every network here computes 5·relu(3·relu(2·x)) in a style of its own, unless it says otherwise.

internal sealed class UntypedFields : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> first, relu1, second, relu2, last;

    internal UntypedFields() : base(nameof(UntypedFields))
    {
        (first, relu1, second, relu2, last) = (new Scale(2), ReLU(), new Scale(3), ReLU(), new Scale(5));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => last.call(relu2.call(second.call(relu1.call(first.call(x)))));
}

internal sealed class ForwardCalls : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> first, relu1, second, relu2, last;

    internal ForwardCalls() : base(nameof(ForwardCalls))
    {
        (first, relu1, second, relu2, last) = (new Scale(2), ReLU(), new Scale(3), ReLU(), new Scale(5));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => last.forward(relu2.forward(second.forward(relu1.forward(first.forward(x)))));
}

internal sealed class TypedFields : Module<Tensor, Tensor>
{
    private readonly Scale first = new(2), second = new(3), last = new(5);
    private readonly ReLU relu1 = ReLU(), relu2 = ReLU(inplace: true);

    internal TypedFields() : base(nameof(TypedFields)) => RegisterComponents();

    public override Tensor forward(Tensor x) => last.call(relu2.call(second.call(relu1.call(first.call(x)))));
}

internal sealed class TypedFieldsForwardCalls : Module<Tensor, Tensor>
{
    private readonly Scale first = new(2), second = new(3), last = new(5);
    private readonly ReLU relu1 = ReLU(), relu2 = ReLU();

    internal TypedFieldsForwardCalls() : base(nameof(TypedFieldsForwardCalls)) => RegisterComponents();

    public override Tensor forward(Tensor x) => last.forward(relu2.forward(second.forward(relu1.call(first.forward(x)))));
}

internal sealed class Lists : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> steps;

    internal Lists() : base(nameof(Lists))
    {
        steps = ModuleList<Module<Tensor, Tensor>>(new Scale(2), ReLU(), new Scale(3), ReLU(), new Scale(5));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => steps.Aggregate(x, (value, step) => step.call(value));
}

internal sealed class Dictionaries : Module<Tensor, Tensor>
{
    private readonly ModuleDict<Module<Tensor, Tensor>> steps = ModuleDict<Module<Tensor, Tensor>>(
        ("a", new Scale(2)), ("act", ReLU()), ("b", new Scale(3)), ("act2", ReLU()), ("c", new Scale(5)));

    internal Dictionaries() : base(nameof(Dictionaries)) => RegisterComponents();

    public override Tensor forward(Tensor x) => steps["c"].call(steps["act2"].call(steps["b"].call(steps["act"].call(steps["a"].call(x)))));
}

/// <summary>Registers the elements of an array and of a dictionary by hand.</summary>
internal sealed class Arrays : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>[] scales = [new Scale(2), new Scale(3), new Scale(5)];
    private readonly Dictionary<string, Module<Tensor, Tensor>> acts = new() { ["one"] = ReLU(), ["two"] = ReLU() };

    internal Arrays() : base(nameof(Arrays))
    {
        for (var i = 0; i < scales.Length; i++) register_module($"scale{i}", scales[i]);
        foreach (var (key, act) in acts) register_module($"act_{key}", act);
    }

    public override Tensor forward(Tensor x) => scales[2].call(acts["two"].call(scales[1].call(acts["one"].call(scales[0].call(x)))));
}

/// <summary>A list of a concrete type.</summary>
internal sealed class TypedList : Module<Tensor, Tensor>
{
    private readonly ModuleList<Scale> scales = ModuleList(new Scale(2), new Scale(3), new Scale(5));
    private readonly ModuleList<ReLU> acts = ModuleList(ReLU(), ReLU());

    internal TypedList() : base(nameof(TypedList)) => RegisterComponents();

    public override Tensor forward(Tensor x) => scales[2].call(acts[1].call(scales[1].call(acts[0].call(scales[0].call(x)))));
}

/// <summary>A base class, an auto-property and private fields of a base hold the modules.</summary>
internal abstract class WithActivation : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> act1 = ReLU();

    protected WithActivation(string name) : base(name) { }

    protected Module<Tensor, Tensor> Act2 { get; } = ReLU();

    protected Tensor Activate(Tensor x) => act1.call(x);
}

internal sealed class Derived : WithActivation
{
    private readonly Scale first = new(2), second = new(3), last = new(5);

    internal Derived() : base(nameof(Derived)) => RegisterComponents();

    public override Tensor forward(Tensor x) => last.call(Act2.call(second.call(Activate(first.call(x)))));
}

/// <summary>One ReLU, used twice.</summary>
internal sealed class OneReLUTwice : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> first = new Scale(2), relu = ReLU(), second = new Scale(3), last = new Scale(5);

    internal OneReLUTwice() : base(nameof(OneReLUTwice)) => RegisterComponents();

    public override Tensor forward(Tensor x) => last.call(relu.call(second.call(relu.call(first.call(x)))));
}

/// <summary>One ReLU under two names.</summary>
internal sealed class OneReLUTwoNames : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> first = new Scale(2), relu = ReLU(), second = new Scale(3), last = new Scale(5);
    private readonly Module<Tensor, Tensor> again;

    internal OneReLUTwoNames() : base(nameof(OneReLUTwoNames))
    {
        again = relu;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => last.call(again.call(second.call(relu.call(first.call(x)))));
}

/// <summary>w·relu(x), the block of several networks.</summary>
internal sealed class Block : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> relu = ReLU(), scale;

    internal Block(double weight) : base(nameof(Block))
    {
        scale = new Scale(weight);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => scale.call(relu.call(x));
}

/// <summary>A chain of its own type.</summary>
internal sealed class OwnSequential() : Sequential(new Scale(2), ReLU(), new Scale(3), ReLU(), new Scale(5));

/// <summary>5·relu(3·relu(2·x)) with functions in place of modules.</summary>
internal sealed class Functional : Module<Tensor, Tensor>
{
    private readonly Scale first = new(2), second = new(3), last = new(5);

    internal Functional() : base(nameof(Functional)) => RegisterComponents();

    public override Tensor forward(Tensor x) => last.call(functional.relu(second.call(functional.relu(first.call(x)))));
}

/// <summary>Has a second head that only training uses.</summary>
internal sealed class Auxiliary : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> main = new Block(2), aux = new Block(3);

    internal Auxiliary() : base(nameof(Auxiliary)) => RegisterComponents();

    public override Tensor forward(Tensor x) => training ? main.call(x) + aux.call(x) : main.call(x);
}

/// <summary>Keeps its ReLUs in a list that torch does not search.</summary>
internal sealed class Hidden : Module<Tensor, Tensor>
{
    private readonly List<Module<Tensor, Tensor>> acts = [ReLU()];
    private readonly Module<Tensor, Tensor> scale = new Scale(2);

    internal Hidden() : base(nameof(Hidden)) => RegisterComponents();

    public override Tensor forward(Tensor x) => acts[0].call(scale.call(x));
}

/// <summary>Two convolutions behind concrete fields with a norm between them.</summary>
internal sealed class Convolutions : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(1, 2, 3, padding: 1), conv2 = Conv2d(2, 2, 3, padding: 1);
    private readonly BatchNorm2d norm = BatchNorm2d(2);
    private readonly Module<Tensor, Tensor> relu = ReLU(), flatten = Flatten();
    private readonly Linear head = Linear(32, 3);

    internal Convolutions() : base(nameof(Convolutions)) => RegisterComponents();

    public override Tensor forward(Tensor x) =>
        head.call(flatten.call(relu.call(conv2.call(relu.call(norm.call(conv1.call(x)))))));
}
