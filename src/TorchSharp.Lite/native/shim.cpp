// The native half of TorchSharp.Lite: a plain C ABI over libtorch's dispatcher, autograd engine and generators.
// Every operator goes through lite_call: it is looked up by name once, and its schema says how each argument is converted.
// A tensor handle is an owned TensorImpl*: arguments are borrowed, results belong to the caller.
// No C++ exception leaves this file: a function returns 0, or 1 and leaves its text for lite_error on the same thread.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/version.h>
#include <dlfcn.h>
#include <malloc.h>
#include <cstring>

#define EXPORT extern "C" __attribute__((visibility("default")))

using at::Tensor;
using c10::IValue;
using torch::autograd::variable_list;

namespace {

// The layout of TorchSharp.Native.Value.
struct Value {
  int32_t tag;
  int32_t size;  // elements of a list or string; of a tensor result, KiB of storage that no other tensor shares
  union { int64_t integer; double real; const void* pointer; };
};
enum Tag : int32_t { None, TensorTag, Int, Double, Bool, String, Device, Generator, IntList, DoubleList, BoolList, TensorList, Default };

struct Slot { c10::TypeKind kind; c10::TypePtr element; bool may_be_none, has_default; IValue fallback; std::string name; };
struct Operator { c10::OperatorHandle handle; std::vector<Slot> slots; size_t returns; };

// The layout of TorchSharp.Native.Info. The pointers are valid as long as the tensor lives and keeps its shape.
struct Info {
  const int64_t* sizes;
  const int64_t* strides;
  int64_t dim, numel, offset;
  int32_t dtype, item_size, device_type, device_index;
  int32_t requires_grad, is_leaf, is_contiguous, is_sparse;
};

thread_local std::string last_error;
thread_local std::vector<Value> overflow;  // results of the last lite_call, when they were more than the caller had room for
thread_local variable_list pushed;         // what a managed callback returns

bool has_avx = false;

__attribute__((constructor)) void prepare() {
#ifdef __x86_64__
  has_avx = __builtin_cpu_supports("avx");
#endif
#ifdef __GLIBC__
  // Without these glibc returns memory to the kernel after each operation and faults it in again: 15-25 % of an attack's time.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
}

// .NET leaves the upper halves of the vector registers dirty; libtorch built for plain SSE then stalls at every instruction.
inline void clear_upper_halves() {
#ifdef __x86_64__
  if (has_avx) asm volatile("vzeroupper" ::: "memory");
#endif
}

template <class Body>
inline int32_t guarded(Body&& body) {
  clear_upper_halves();
  try {
    body();
    return 0;
  } catch (const c10::Error& e) {
    last_error = e.what_without_backtrace();
  } catch (const std::exception& e) {
    last_error = e.what();
  } catch (...) {
    last_error = "unknown C++ exception";
  }
  return 1;
}

inline Tensor borrow(const void* handle) {
  if (!handle) return Tensor();
  auto impl = static_cast<at::TensorImpl*>(const_cast<void*>(handle));
  return Tensor(c10::intrusive_ptr<at::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(impl));
}

inline void* release(Tensor&& tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }

variable_list borrow_list(void* const* handles, int32_t count) {
  variable_list list;
  list.reserve(count);
  for (int32_t i = 0; i < count; i++) list.push_back(borrow(handles[i]));
  return list;
}

IValue int_list(const Value& v, const Slot& slot) {
  auto data = static_cast<const int64_t*>(v.pointer);
  if (slot.kind != c10::TypeKind::ListType || slot.element->kind() != c10::TypeKind::FloatType) return IValue(at::IntArrayRef(data, v.size));
  return IValue(std::vector<double>(data, data + v.size));
}

IValue tensor_list(const Value& v, const Slot& slot) {
  auto handles = static_cast<void* const*>(v.pointer);
  c10::impl::GenericList list(slot.kind == c10::TypeKind::ListType ? slot.element : c10::TypePtr(c10::TensorType::get()));
  list.reserve(v.size);
  for (int32_t i = 0; i < v.size; i++) list.push_back(handles[i] ? IValue(borrow(handles[i])) : IValue());
  return IValue(std::move(list));
}

IValue to_ivalue(const Value& v, const Slot& slot) {
  switch (v.tag) {
    case None: return slot.may_be_none ? IValue() : IValue(Tensor());
    case TensorTag: return IValue(borrow(v.pointer));
    case Int:
      if (slot.kind == c10::TypeKind::FloatType) return IValue(static_cast<double>(v.integer));
      if (slot.kind == c10::TypeKind::ListType) return int_list(Value{IntList, 1, {reinterpret_cast<int64_t>(&v.integer)}}, slot);
      return IValue(v.integer);
    case Double: return IValue(v.real);
    case Bool: return IValue(v.integer != 0);
    case String: return IValue(std::string(static_cast<const char*>(v.pointer), v.size));
    case Device: return IValue(c10::Device(static_cast<c10::DeviceType>(v.size), static_cast<c10::DeviceIndex>(v.integer)));
    case Generator: return IValue(*static_cast<const at::Generator*>(v.pointer));
    case IntList: return int_list(v, slot);
    case DoubleList: return IValue(std::vector<double>(static_cast<const double*>(v.pointer), static_cast<const double*>(v.pointer) + v.size));
    case BoolList: {
      c10::List<bool> list;
      for (int32_t i = 0; i < v.size; i++) list.push_back(static_cast<const int64_t*>(v.pointer)[i] != 0);
      return IValue(std::move(list));
    }
    case TensorList: return tensor_list(v, slot);
    default:
      TORCH_CHECK(slot.has_default, "argument '", slot.name, "' has no default value");
      return slot.fallback;
  }
}

Value tensor_value(Tensor&& tensor) {
  Value v{TensorTag, 0, {0}};
  if (tensor.defined() && tensor.has_storage() && tensor.storage().unique())
    v.size = static_cast<int32_t>(std::min<size_t>(tensor.storage().nbytes() >> 10, INT32_MAX));
  v.pointer = release(std::move(tensor));
  return v;
}

template <class Sink>
void flatten(IValue&& value, Sink&& sink) {
  if (value.isTensor()) sink(tensor_value(std::move(value).toTensor()));
  else if (value.isList()) for (const auto& item : value.toListRef()) flatten(IValue(item), sink);
  else if (value.isInt()) sink(Value{Int, 0, {value.toInt()}});
  else if (value.isBool()) sink(Value{Bool, 0, {value.toBool()}});
  else if (value.isDouble()) { Value v{Double, 0, {0}}; v.real = value.toDouble(); sink(v); }
  else if (value.isNone()) sink(Value{None, 0, {0}});
  else TORCH_CHECK(false, "a result of type ", value.tagKind(), " is not supported");
}

Operator* find(const char* name, const char* overload) {
  auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
  auto op = std::make_unique<Operator>(Operator{handle, {}, handle.schema().returns().size()});
  for (const auto& argument : handle.schema().arguments()) {
    auto type = argument.type();
    auto wrapped = type->cast<c10::OptionalType>();
    if (wrapped) type = wrapped->getElementType();
    auto list = type->cast<c10::ListType>();
    const auto& fallback = argument.default_value();
    op->slots.push_back({type->kind(), list ? list->getElementType() : c10::TypePtr(), wrapped != nullptr, fallback.has_value(),
                         fallback.has_value() ? *fallback : IValue(), argument.name()});
  }
  return op.release();
}

// Functions whose forward and backward are written in C#. The state is a GCHandle that lives as long as the graph node.
struct Callbacks {
  int32_t (*forward)(int64_t state, void* context);
  int32_t (*backward)(int64_t state, void* context, void* const* gradients, int32_t count);
  void (*release)(int64_t state);
} callbacks;

struct State : torch::CustomClassHolder {
  int64_t handle;
  explicit State(int64_t h) : handle(h) {}
  ~State() override { callbacks.release(handle); }
};

variable_list take_pushed(int32_t status) {
  variable_list list;
  list.swap(pushed);
  if (status != 0) throw std::runtime_error(last_error);
  return list;
}

struct ManagedFunction : torch::autograd::Function<ManagedFunction> {
  static variable_list forward(torch::autograd::AutogradContext* ctx, int64_t state, at::TensorList) {
    ctx->saved_data["state"] = IValue::make_capsule(c10::make_intrusive<State>(state));
    return take_pushed(callbacks.forward(state, ctx));
  }
  static variable_list backward(torch::autograd::AutogradContext* ctx, variable_list gradients) {
    auto capsule = ctx->saved_data["state"].toCapsule();
    std::vector<void*> handles;
    for (auto& gradient : gradients) handles.push_back(release(std::move(gradient)));
    auto state = static_cast<State*>(capsule.get())->handle;
    auto list = take_pushed(callbacks.backward(state, ctx, handles.data(), static_cast<int32_t>(handles.size())));
    list.insert(list.begin(), Tensor());  // the state itself
    return list;
  }
};

torch::autograd::AutogradContext* as_context(void* context) { return static_cast<torch::autograd::AutogradContext*>(context); }

}  // namespace

EXPORT const char* lite_error() { return last_error.c_str(); }
EXPORT const char* lite_version() { return TORCH_VERSION; }
EXPORT void lite_fail(const char* text) { last_error = text; }

// Loads the CUDA half of libtorch where there is one; it registers itself.
EXPORT int32_t lite_load_cuda(const char* path) { return dlopen(path, RTLD_NOW | RTLD_GLOBAL) != nullptr; }

EXPORT int32_t lite_operator(const char* name, const char* overload, void** op) {
  return guarded([&] { *op = find(name, overload); });
}

EXPORT int32_t lite_call(void* op_pointer, const Value* args, int32_t count, Value* results, int32_t capacity, int32_t* returned) {
  return guarded([&] {
    auto op = static_cast<Operator*>(op_pointer);
    TORCH_CHECK(static_cast<size_t>(count) <= op->slots.size(), op->handle.schema().name(), " takes at most ", op->slots.size(), " arguments, got ", count);
    torch::jit::Stack stack;
    stack.reserve(std::max(op->slots.size(), op->returns));
    const Value missing{Default, 0, {0}};
    for (size_t i = 0; i < op->slots.size(); i++) stack.push_back(to_ivalue(i < static_cast<size_t>(count) ? args[i] : missing, op->slots[i]));
    op->handle.callBoxed(&stack);
    if (capacity == 0) return;
    int32_t n = 0;
    overflow.clear();
    auto sink = [&](Value v) {
      if (n < capacity) results[n] = v;
      else overflow.push_back(v);
      n++;
    };
    for (auto& value : stack) flatten(std::move(value), sink);
    *returned = n;
  });
}

// The results of the last call on this thread that found no room.
EXPORT void lite_overflow(Value* results) {
  std::copy(overflow.begin(), overflow.end(), results);
  overflow.clear();
}

EXPORT void lite_free(void* handle) {
  clear_upper_halves();
  if (handle) c10::intrusive_ptr<at::TensorImpl, c10::UndefinedTensorImpl>::reclaim(static_cast<at::TensorImpl*>(handle));
}

// Another owner of the same tensor.
EXPORT void* lite_share(void* handle) { return release(borrow(handle)); }

EXPORT int32_t lite_info(void* handle, Info* info) {
  return guarded([&] {
    auto tensor = borrow(handle);
    info->sizes = tensor.sizes().data();
    info->is_sparse = tensor.is_sparse();
    info->strides = info->is_sparse ? nullptr : tensor.strides().data();
    info->dim = tensor.dim();
    info->numel = tensor.numel();
    info->offset = info->is_sparse ? 0 : tensor.storage_offset();
    info->dtype = static_cast<int32_t>(tensor.scalar_type());
    info->item_size = static_cast<int32_t>(tensor.element_size());
    info->device_type = static_cast<int32_t>(tensor.device().type());
    info->device_index = tensor.device().index();
    info->requires_grad = tensor.requires_grad();
    info->is_leaf = tensor.is_leaf();
    info->is_contiguous = !info->is_sparse && tensor.is_contiguous();
  });
}

EXPORT int32_t lite_data(void* handle, void** data) {
  return guarded([&] { *data = borrow(handle).data_ptr(); });
}

EXPORT int32_t lite_requires_grad(void* handle, int32_t value) {
  return guarded([&] { borrow(handle).requires_grad_(value != 0); });
}

EXPORT int32_t lite_retain_grad(void* handle) {
  return guarded([&] { borrow(handle).retain_grad(); });
}

EXPORT int32_t lite_get_grad(void* handle, void** grad) {
  return guarded([&] { *grad = release(Tensor(borrow(handle).grad())); });
}

EXPORT int32_t lite_set_grad(void* handle, void* grad) {
  return guarded([&] { borrow(handle).mutable_grad() = borrow(grad); });
}

// Whether operations are recorded on this thread; value 0 or 1 sets it, anything else only asks.
EXPORT int32_t lite_grad_mode(int32_t value) {
  bool old = c10::GradMode::is_enabled();
  if (value == 0 || value == 1) c10::GradMode::set_enabled(value != 0);
  return old;
}

EXPORT int32_t lite_backward(void* const* tensors, int32_t count, void* const* grads, int32_t grad_count, void* const* inputs,
                             int32_t input_count, int32_t retain_graph, int32_t create_graph) {
  return guarded([&] {
    torch::autograd::backward(borrow_list(tensors, count), borrow_list(grads, grad_count), retain_graph != 0, create_graph != 0,
                              borrow_list(inputs, input_count));
  });
}

EXPORT int32_t lite_grad(void* const* outputs, int32_t count, void* const* inputs, int32_t input_count, void* const* grads, int32_t grad_count,
                         int32_t retain_graph, int32_t create_graph, int32_t allow_unused, Value* results) {
  return guarded([&] {
    auto list = torch::autograd::grad(borrow_list(outputs, count), borrow_list(inputs, input_count), borrow_list(grads, grad_count),
                                      retain_graph != 0, create_graph != 0, allow_unused != 0);
    for (auto& gradient : list) *results++ = tensor_value(std::move(gradient));
  });
}

EXPORT void lite_set_callbacks(Callbacks table) { callbacks = table; }
EXPORT void lite_push(void* handle) { pushed.push_back(borrow(handle)); }

EXPORT int32_t lite_apply(int64_t state, void* const* inputs, int32_t count, Value* results, int32_t capacity, int32_t* returned) {
  return guarded([&] {
    auto tensors = borrow_list(inputs, count);
    auto list = ManagedFunction::apply(state, at::TensorList(tensors));
    overflow.clear();
    for (auto& output : list) {
      auto v = tensor_value(std::move(output));
      if ((*returned)++ < capacity) *results++ = v;
      else overflow.push_back(v);
    }
  });
}

EXPORT int32_t lite_save_for_backward(void* context, void* const* tensors, int32_t count) {
  return guarded([&] { as_context(context)->save_for_backward(borrow_list(tensors, count)); });
}

EXPORT int32_t lite_saved(void* context, Value* results, int32_t capacity, int32_t* returned) {
  return guarded([&] {
    overflow.clear();
    for (auto& tensor : as_context(context)->get_saved_variables()) {
      auto v = tensor_value(std::move(tensor));
      if ((*returned)++ < capacity) *results++ = v;
      else overflow.push_back(v);
    }
  });
}

EXPORT int32_t lite_mark(void* context, void* const* tensors, int32_t count, int32_t dirty) {
  return guarded([&] {
    auto list = borrow_list(tensors, count);
    if (dirty) as_context(context)->mark_dirty(list);
    else as_context(context)->mark_non_differentiable(list);
  });
}

EXPORT void lite_materialize_grads(void* context, int32_t value) { as_context(context)->set_materialize_grads(value != 0); }

// A generator of its own: the default one cloned and seeded.
EXPORT int32_t lite_generator(uint64_t seed, void** generator) {
  return guarded([&] {
    auto own = at::globalContext().defaultGenerator(at::Device(at::kCPU)).clone();
    own.set_current_seed(seed);
    *generator = new at::Generator(std::move(own));
  });
}

EXPORT int32_t lite_default_generator(void** generator) {
  return guarded([&] { *generator = new at::Generator(at::globalContext().defaultGenerator(at::Device(at::kCPU))); });
}

EXPORT void lite_free_generator(void* generator) { delete static_cast<at::Generator*>(generator); }

// what: 0 reads the seed, 1 sets it, 2 takes a new one from the operating system.
EXPORT int32_t lite_generator_seed(void* generator, int32_t what, uint64_t* seed) {
  return guarded([&] {
    auto& own = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(own.mutex());
    if (what == 1) own.set_current_seed(*seed);
    else *seed = what == 2 ? own.seed() : own.current_seed();
  });
}

EXPORT int32_t lite_generator_state(void* generator, void** state, int32_t set) {
  return guarded([&] {
    auto& own = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(own.mutex());
    if (set) own.set_state(borrow(*state));
    else *state = release(own.get_state());
  });
}

EXPORT int32_t lite_manual_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

// value 0 only asks.
EXPORT int32_t lite_threads(int32_t value, int32_t between_operators, int32_t* threads) {
  return guarded([&] {
    if (value > 0) between_operators ? at::set_num_interop_threads(value) : at::set_num_threads(value);
    *threads = between_operators ? at::get_num_interop_threads() : at::get_num_threads();
  });
}

EXPORT int32_t lite_cuda_devices(int32_t* count) {
  return guarded([&] { *count = c10::impl::hasDeviceGuardImpl(at::kCUDA) ? c10::impl::VirtualGuardImpl(at::kCUDA).deviceCount() : 0; });
}

EXPORT int32_t lite_cuda_synchronize(int32_t index) {
  return guarded([&] {
    c10::impl::VirtualGuardImpl guard(at::kCUDA);
    auto device = index < 0 ? guard.getDevice() : c10::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
    at::detail::getCUDAHooks().deviceSynchronize(device.index());
  });
}
