using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Builds a Sequential of named layers.</summary>
internal sealed class LayerList(LayerMaker make)
{
    private readonly List<(string Name, nn.Module<Tensor, Tensor> Layer)> _layers = [];

    /// <summary>A 3×3 convolution with a ReLU behind it.</summary>
    public LayerList ConvReLU(int number, long from, long to, long padding = 0, long kernel = 3) =>
        Add($"conv{number}", make.Conv(from, to, kernel, padding: padding)).ReLU(number);

    /// <summary>A 3×3 convolution that keeps the borders, with a sigmoid behind it.</summary>
    public LayerList ConvSigmoid(int number, long from, long to) =>
        Add($"conv{number}", make.Conv(from, to, 3, padding: 1)).Add($"sigmoid{number}", nn.Sigmoid());

    public LayerList ReLU(int number) => Add($"relu{number}", nn.ReLU());

    public LayerList Pool(int number) => Add($"pool{number}", nn.MaxPool2d(2));

    public LayerList Flatten() => Add("flatten", nn.Flatten());

    public LayerList Linear(int number, long from, long to, Initialization? fill = null) => Add($"fc{number}", make.Linear(from, to, fill));

    /// <summary>Dropout while training; no layer at rate 0.</summary>
    public LayerList Dropout(string name, double rate) => rate == 0 ? this : Add(name, make.Dropout(rate));

    public LayerList Add(string name, nn.Module<Tensor, Tensor> layer)
    {
        _layers.Add((name, layer));
        return this;
    }

    public Sequential Build() => nn.Sequential(_layers);
}
