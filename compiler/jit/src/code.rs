//! Machine code in memory, and its text.

use std::fmt::Write;

use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{AbiParam, Signature, UserFuncName, types};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{ArenaMemoryProvider, JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, ModuleError, default_libcall_names};

use lentil_loops::{Program, Refusal};

use crate::function::emit;
use crate::piece::{Piece, Pieces};
use crate::symbols::{Kind, Symbol, TrapRecord};

/// Address space set aside for code: only what is used becomes memory.
/// All functions must lie within 2 GiB of each other.
const CODE_SPACE: usize = 1 << 30;

/// The entry of a program: its table, its frame, and where to say why it stopped.
/// Returns zero if it did not stop.
pub type Entry = unsafe extern "C" fn(*const *mut u8, *mut u8, *mut TrapRecord) -> i32;

/// The machine code of a program. Its memory is given back when it is dropped.
pub struct Code {
    module: Option<JITModule>,
    entry: Entry,
}

// SAFETY: after it is made, a module is only dropped; code in memory belongs to no thread.
unsafe impl Send for Code {}
// SAFETY: as above; no method changes anything.
unsafe impl Sync for Code {}

impl Code {
    /// Compiles a program.
    pub fn new(program: &Program) -> Result<Code, Refusal> {
        let mut assembly = Assembly::new()?;
        // From here on the module is freed however this ends.
        let mut code = Code {
            module: None,
            entry: never,
        };
        let run = assembly.compile(program, &mut |_| ());
        let finished = run.and_then(|entry| {
            assembly.module.finalize_definitions().map_err(refusal)?;
            Ok(assembly.module.get_finalized_function(entry))
        });
        code.module = Some(assembly.module);
        let address = finished?;
        // SAFETY: the entry was declared with this signature and the default calling convention of the host.
        code.entry = unsafe { std::mem::transmute::<*const u8, Entry>(address) };
        Ok(code)
    }

    /// The entry.
    pub fn entry(&self) -> Entry {
        self.entry
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: whoever runs the code holds a reference to this value, so nothing runs it now or later.
            unsafe { module.free_memory() }
        }
    }
}

unsafe extern "C" fn never(_: *const *mut u8, _: *mut u8, _: *mut TrapRecord) -> i32 {
    unreachable!("code that was not finished has no entry")
}

/// The program in Cranelift's own form, before it is optimised.
pub fn clif_text(program: &Program) -> Result<String, Refusal> {
    text_of(program, |listing| listing.clif)
}

/// The machine code of the program as assembly.
pub fn asm_text(program: &Program) -> Result<String, Refusal> {
    text_of(program, |listing| listing.asm)
}

fn text_of(program: &Program, pick: fn(Listing) -> String) -> Result<String, Refusal> {
    let mut assembly = Assembly::new()?;
    assembly.listing = true;
    let mut text = String::new();
    let run = assembly.compile(program, &mut |listing| {
        let _ = writeln!(text, "; {}", listing.name);
        let _ = writeln!(text, "{}", pick(listing).trim_end());
    });
    // SAFETY: the code was never finalised, so nobody has its address.
    unsafe { assembly.module.free_memory() }
    run.map(|_| text)
}

/// The texts of one function.
struct Listing {
    name: String,
    clif: String,
    asm: String,
}

pub fn refusal(error: ModuleError) -> Refusal {
    Refusal::Machine(error.to_string())
}

/// A module in the making.
struct Assembly {
    module: JITModule,
    listing: bool,
}

/// The instructions of the machine this runs on.
fn machine() -> Result<OwnedTargetIsa, Refusal> {
    let mut flags = settings::builder();
    let settings = [
        ("use_colocated_libcalls", "false"),
        ("is_pic", "false"),
        ("opt_level", "speed"),
        ("unwind_info", "false"),
        (
            "enable_verifier",
            if cfg!(debug_assertions) {
                "true"
            } else {
                "false"
            },
        ),
    ];
    for (name, value) in settings {
        flags
            .set(name, value)
            .map_err(|why| Refusal::Machine(why.to_string()))?;
    }
    let builder = cranelift_native::builder().map_err(|why| Refusal::Machine(why.to_string()))?;
    let isa = builder
        .finish(settings::Flags::new(flags))
        .map_err(|why| Refusal::Machine(why.to_string()))?;
    if isa.pointer_type() != types::I64 {
        return Err(Refusal::Machine(
            "addresses that are not of 64 bits".to_string(),
        ));
    }
    Ok(isa)
}

impl Assembly {
    fn new() -> Result<Assembly, Refusal> {
        let mut builder = JITBuilder::with_isa(machine()?, default_libcall_names());
        for symbol in crate::symbols::all() {
            builder.symbol(symbol.name, symbol.address);
        }
        let memory = ArenaMemoryProvider::new_with_size(CODE_SPACE)
            .map_err(|why| Refusal::Machine(why.to_string()))?;
        builder.memory_provider(Box::new(memory));
        Ok(Assembly {
            module: JITModule::new(builder),
            listing: false,
        })
    }

    /// Compiles all functions; returns the entry's.
    fn compile(
        &mut self,
        program: &Program,
        listing: &mut dyn FnMut(Listing),
    ) -> Result<FuncId, Refusal> {
        let mut pieces = Pieces::new(program, &mut self.module)?;
        let entry = pieces.entry();
        let mut context = self.module.make_context();
        let mut building = FunctionBuilderContext::new();
        while let Some(piece) = pieces.next() {
            let Piece { id, name, .. } = &piece;
            let (id, name) = (*id, name.clone());
            context.func.signature = piece.signature(&self.module);
            context.func.name = UserFuncName::user(0, id.as_u32());
            let builder = FunctionBuilder::new(&mut context.func, &mut building);
            emit(&mut self.module, &mut pieces, &piece, builder)?;
            let clif = if self.listing {
                context.func.display().to_string()
            } else {
                String::new()
            };
            context.set_disasm(self.listing);
            self.module
                .define_function_with_control_plane(id, &mut context, &mut ControlPlane::default())
                .map_err(refusal)?;
            if self.listing {
                let code = context.compiled_code().and_then(|c| c.vcode.clone());
                listing(Listing {
                    name,
                    clif,
                    asm: code.unwrap_or_default(),
                });
            }
            self.module.clear_context(&mut context);
        }
        Ok(entry)
    }
}

/// Declares a function that compiled code calls.
pub fn import(module: &mut JITModule, symbol: &Symbol) -> Result<FuncId, Refusal> {
    let mut signature = module.make_signature();
    let ty = |kind: Kind| match kind {
        Kind::F32 => types::F32,
        Kind::F64 => types::F64,
        Kind::I64 => types::I64,
    };
    signature.params = symbol
        .params
        .iter()
        .map(|&k| AbiParam::new(ty(k)))
        .collect();
    signature.returns = symbol
        .result
        .iter()
        .map(|&k| AbiParam::new(ty(k)))
        .collect();
    module
        .declare_function(&symbol.name, Linkage::Import, &signature)
        .map_err(refusal)
}

/// The signature of a piece: table, frame, trap record, and the counters of the loops around it.
pub fn signature(module: &JITModule, counters: usize) -> Signature {
    let mut signature = module.make_signature();
    signature.params = vec![AbiParam::new(types::I64); 3 + counters];
    signature.returns = vec![AbiParam::new(types::I32)];
    signature
}
