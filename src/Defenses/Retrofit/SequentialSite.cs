using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>A slot of a <see cref="Sequential"/>. Its children sit in a private list, the only place that decides what runs.</summary>
internal sealed class SequentialSite(Sequential parent, int index, string name, string path, nn.Module module)
    : ModuleSite(parent, name, path, module)
{
    private static readonly FieldInfo s_modules =
        typeof(Sequential).GetField("_modules", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new NotSupportedException("This version of TorchSharp keeps the children of Sequential elsewhere than in the list '_modules'.");

    internal override RetrofitRoute Route => RetrofitRoute.Slot;

    internal override void Put(nn.Module<Tensor, Tensor> module) =>
        ((List<nn.IModule<Tensor, Tensor>>)s_modules.GetValue(Parent)!)[index] = module;
}
