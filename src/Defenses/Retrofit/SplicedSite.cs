using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>One of the two places of a wrapper of an earlier retrofit: the module it wraps, or the layer it adds.</summary>
internal sealed class SplicedSite(Spliced parent, bool original, string name, string path)
    : ModuleSite(parent, name, path, original ? parent.Original : parent.Layer)
{
    internal override RetrofitRoute Route => RetrofitRoute.Slot;

    internal override void Put(nn.Module<Tensor, Tensor> module)
    {
        if (original) parent.Original = module;
        else parent.Layer = module;
    }
}
