//! Pieces: runs of steps that become one machine function each.
//!
//! A long list of steps is cut into pieces because register allocation is superlinear in a function's length.

use std::collections::VecDeque;

use cranelift_codegen::ir::Signature;
use cranelift_jit::JITModule;
use cranelift_module::{FuncId, Linkage, Module};

use lentil_loops::Refusal;
use lentil_loops::syntax::{Program, Step, Stmt, Var};

use crate::code::{refusal, signature};

/// How many statements one machine function may have.
pub const PIECE_LIMIT: usize = 1000;

/// Steps that become one machine function.
pub struct Piece<'p> {
    /// Its number in the module.
    pub id: FuncId,
    /// A name for listings.
    pub name: String,
    /// The function of the program that it is of.
    pub function: usize,
    /// What it does.
    pub steps: &'p [Step],
    /// The counters of the loops around it.
    pub counters: Vec<Var>,
}

impl Piece<'_> {
    /// Its signature.
    pub fn signature(&self, module: &JITModule) -> Signature {
        signature(module, self.counters.len())
    }
}

/// All pieces of a program that are still to be emitted.
pub struct Pieces<'p> {
    /// The program.
    pub program: &'p Program,
    waiting: VecDeque<Piece<'p>>,
    /// The first piece of each function.
    pub heads: Vec<FuncId>,
    /// Whether each function can stop the run.
    pub traps: Vec<bool>,
    made: usize,
}

impl<'p> Pieces<'p> {
    /// One piece for each function.
    pub fn new(program: &'p Program, module: &mut JITModule) -> Result<Pieces<'p>, Refusal> {
        let mut pieces = Pieces {
            program,
            waiting: VecDeque::new(),
            heads: Vec::new(),
            traps: Vec::new(),
            made: 0,
        };
        for (k, function) in program.functions.iter().enumerate() {
            let head = pieces.add(module, k, &function.body, Vec::new())?;
            pieces.heads.push(head);
            let stops = traps(&function.body, &pieces.traps);
            pieces.traps.push(stops);
        }
        Ok(pieces)
    }

    /// The entry's number in the module.
    pub fn entry(&self) -> FuncId {
        self.heads[self.heads.len() - 1]
    }

    /// The next piece to emit.
    pub fn next(&mut self) -> Option<Piece<'p>> {
        self.waiting.pop_front()
    }

    /// A new piece, which waits to be emitted; its number in the module.
    pub fn add(
        &mut self,
        module: &mut JITModule,
        function: usize,
        steps: &'p [Step],
        counters: Vec<Var>,
    ) -> Result<FuncId, Refusal> {
        let name = format!(
            "{} piece {}",
            self.program.functions[function].name, self.made
        );
        let signature = signature(module, counters.len());
        let symbol = format!("piece {}", self.made);
        let id = module
            .declare_function(&symbol, Linkage::Local, &signature)
            .map_err(refusal)?;
        self.made += 1;
        self.waiting.push_back(Piece {
            id,
            name,
            function,
            steps,
            counters,
        });
        Ok(id)
    }
}

/// How many statements steps have, counting bodies once.
pub fn weight(steps: &[Step]) -> usize {
    fn of_stmts(stmts: &[Stmt]) -> usize {
        let of = |s: &Stmt| match s {
            Stmt::For(_, body) => 4 + of_stmts(body),
            Stmt::Let(..) | Stmt::Cell(..) | Stmt::Set(..) | Stmt::Store(..) => 1,
            Stmt::Check { .. } => 4,
        };
        stmts.iter().map(of).sum()
    }
    let of = |s: &Step| match s {
        Step::Nest(nest) => of_stmts(&nest.body),
        Step::Gemm(_) => 16,
        Step::Random(_) | Step::Sort(_) | Step::Map(_) => 4,
        Step::Loop { body, .. } => 4 + weight(body),
        Step::Linalg(_) => 16,
        Step::Show { .. } => 4,
        Step::Cond {
            then, otherwise, ..
        } => 4 + weight(then) + weight(otherwise),
        Step::Call { args, results, .. } => 4 + 2 * (args.len() + results.len()),
    };
    steps.iter().map(of).sum()
}

/// Whether steps can stop the run, given which functions can.
pub fn traps(steps: &[Step], functions: &[bool]) -> bool {
    fn in_stmts(stmts: &[Stmt]) -> bool {
        stmts.iter().any(|s| match s {
            Stmt::Check { .. } => true,
            Stmt::For(_, body) => in_stmts(body),
            Stmt::Let(..) | Stmt::Cell(..) | Stmt::Set(..) | Stmt::Store(..) => false,
        })
    }
    steps.iter().any(|s| match s {
        Step::Nest(nest) => in_stmts(&nest.body),
        Step::Gemm(_)
        | Step::Random(_)
        | Step::Sort(_)
        | Step::Map(_)
        | Step::Linalg(_)
        | Step::Show { .. } => false,
        // It looks whether the run is to be given up.
        Step::Loop { .. } => true,
        Step::Cond {
            then, otherwise, ..
        } => traps(then, functions) || traps(otherwise, functions),
        Step::Call { function, .. } => functions[*function],
    })
}
