//! Emits the steps of a piece: loops and conditionals around nests, calls, and the addresses of elements.

use std::collections::HashMap;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};
use cranelift_jit::JITModule;
use cranelift_module::Module;

use lentil_loops::Refusal;
use lentil_loops::syntax::{
    Address, Affine, BufferId, Count, Draw, Expr, Function, Gemm, Linalg, Map, Place, Program,
    Random, Sort, Step, Stmt, Var,
};

use crate::code::import;
use crate::piece::{PIECE_LIMIT, Piece, Pieces, traps, weight};
use crate::symbols::{self, Symbol, TrapRecord};

/// Emits a piece into its machine function.
pub fn emit<'p>(
    module: &mut JITModule,
    pieces: &mut Pieces<'p>,
    piece: &Piece<'p>,
    mut builder: FunctionBuilder<'_>,
) -> Result<(), Refusal> {
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    builder.seal_block(block);
    let params = builder.block_params(block).to_vec();
    let program = pieces.program;
    let mut emitter = Emitter {
        program,
        function: &program.functions[piece.function],
        index: piece.function,
        table: params[0],
        frame: params[1],
        record: params[2],
        values: piece
            .counters
            .iter()
            .copied()
            .zip(params[3..].iter().copied())
            .collect(),
        cells: HashMap::new(),
        bases: HashMap::new(),
        counters: piece.counters.clone(),
        imported: HashMap::new(),
        module,
        pieces,
        builder,
    };
    emitter.steps(piece.steps)?;
    let zero = emitter.builder.ins().iconst(types::I32, 0);
    emitter.builder.ins().return_(&[zero]);
    let config = emitter.module.target_config();
    emitter.builder.finalize(config);
    Ok(())
}

/// A machine function in the making.
pub struct Emitter<'a, 'b, 'p> {
    pub program: &'p Program,
    pub function: &'p Function,
    pub builder: FunctionBuilder<'b>,
    pub values: HashMap<Var, Value>,
    pub cells: HashMap<Var, Variable>,
    index: usize,
    table: Value,
    frame: Value,
    record: Value,
    /// The pointers of the table that the current step needs.
    bases: HashMap<BufferId, Value>,
    counters: Vec<Var>,
    imported: HashMap<String, cranelift_codegen::ir::FuncRef>,
    module: &'a mut JITModule,
    pieces: &'a mut Pieces<'p>,
}

impl<'p> Emitter<'_, '_, 'p> {
    fn steps(&mut self, steps: &'p [Step]) -> Result<(), Refusal> {
        if weight(steps) <= PIECE_LIMIT {
            return steps.iter().try_for_each(|s| self.step(s));
        }
        let mut rest = steps;
        while !rest.is_empty() {
            let mut sum = 0;
            let fits = rest.iter().take_while(|s| {
                sum += weight(std::slice::from_ref(*s));
                sum <= PIECE_LIMIT
            });
            let (piece, after) = rest.split_at(fits.count());
            match piece {
                // One step is too long by itself: its own bodies are cut.
                [] => {
                    self.step(&rest[0])?;
                    rest = &rest[1..];
                }
                _ => {
                    self.piece(piece)?;
                    rest = after;
                }
            }
        }
        Ok(())
    }

    /// Makes steps a machine function of their own and calls it.
    fn piece(&mut self, steps: &'p [Step]) -> Result<(), Refusal> {
        let id = self
            .pieces
            .add(self.module, self.index, steps, self.counters.clone())?;
        let mut args = vec![self.table, self.frame, self.record];
        args.extend(self.counters.iter().map(|v| self.values[v]));
        let callee = self.module.declare_func_in_func(id, self.builder.func);
        let call = self.builder.ins().call(callee, &args);
        let status = self.builder.inst_results(call)[0];
        if traps(steps, &self.pieces.traps) {
            self.stop_if(status);
        }
        Ok(())
    }

    /// Returns if a callee has stopped the run.
    fn stop_if(&mut self, status: Value) {
        let (stop, on) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(stop);
        self.builder.ins().brif(status, stop, &[], on, &[]);
        self.builder.switch_to_block(stop);
        self.builder.seal_block(stop);
        self.builder.ins().return_(&[status]);
        self.builder.switch_to_block(on);
        self.builder.seal_block(on);
    }

    fn step(&mut self, step: &'p Step) -> Result<(), Refusal> {
        self.bases.clear();
        match step {
            Step::Nest(nest) => {
                self.find_bases(&nest.body);
                self.stmts(&nest.body)
            }
            Step::Gemm(gemm) => self.gemm(gemm),
            Step::Random(random) => self.random(random),
            Step::Sort(sort) => self.sort(sort),
            Step::Map(map) => self.map(map),
            Step::Linalg(linalg) => self.linalg(linalg),
            Step::Show { what, at } => self.show(*what, at),
            Step::Loop { count, limit, body } => {
                self.counters.push(count.var);
                match limit {
                    Some(limit) => self.limited(*count, limit, |e| e.iteration(body))?,
                    None => self.counted(*count, |e| e.iteration(body))?,
                }
                self.counters.pop();
                Ok(())
            }
            Step::Cond {
                condition,
                then,
                otherwise,
            } => self.cond(condition, then, otherwise),
            Step::Call {
                function,
                args,
                results,
                table,
                frame,
            } => self.call(*function, args, results, *table, *frame),
        }
    }

    /// One iteration of a loop, unless the run is to be given up.
    fn iteration(&mut self, body: &'p [Step]) -> Result<(), Refusal> {
        let (flags, at) = (MemFlagsData::trusted(), TrapRecord::STOP);
        let fixed = flags.with_readonly().with_can_move();
        let stop = self.builder.ins().load(types::I64, fixed, self.record, at);
        let raised = self.builder.ins().atomic_load(types::I8, flags, stop);
        let (end, on) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(end);
        self.builder.ins().brif(raised, end, &[], on, &[]);
        self.builder.switch_to_block(end);
        self.builder.seal_block(end);
        let site = self.iconst(i64::from(crate::GIVEN_UP.0));
        self.builder.ins().store(flags, site, self.record, 0);
        let one = self.builder.ins().iconst(types::I32, 1);
        self.builder.ins().return_(&[one]);
        self.builder.switch_to_block(on);
        self.builder.seal_block(on);
        self.steps(body)
    }

    /// A counted loop around what a closure emits. Nothing is emitted for no iterations.
    pub fn counted(
        &mut self,
        count: Count,
        body: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let (n, step) = (count.n as i64, if count.backward { -1 } else { 1 });
        let first = if count.backward { n - 1 } else { 0 };
        self.counted_by(count.var, [first, n - first.max(0), step], n > 0, body)
    }

    /// A loop whose counter starts at `range[0]`, advances by `range[2]`, and stops at `range[1]` or below 0.
    pub fn counted_by(
        &mut self,
        var: Var,
        range: [i64; 3],
        runs: bool,
        body: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        if !runs {
            return Ok(());
        }
        let [first, end, step] = range;
        let (head, exit) = (self.builder.create_block(), self.builder.create_block());
        let counter = self.builder.append_block_param(head, types::I64);
        let start = self.builder.ins().iconst(types::I64, first);
        self.builder.ins().jump(head, &[BlockArg::Value(start)]);
        self.builder.switch_to_block(head);
        self.values.insert(var, counter);
        body(self)?;
        let next = self.builder.ins().iadd_imm_s(counter, step);
        let again = if step < 0 {
            self.builder.ins().icmp_imm_s(IntCC::NotEqual, counter, 0)
        } else {
            self.builder
                .ins()
                .icmp_imm_s(IntCC::SignedLessThan, next, end)
        };
        self.builder
            .ins()
            .brif(again, head, &[BlockArg::Value(next)], exit, &[]);
        self.builder.seal_block(head);
        self.builder.switch_to_block(exit);
        self.builder.seal_block(exit);
        Ok(())
    }

    /// A loop that ends at its limit, and leaves there how often it ran.
    fn limited(
        &mut self,
        count: Count,
        limit: &Address,
        body: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        // Found before the loop: what the body finds is not known after it.
        let (place, offset) = self.place(limit);
        let [head, inner, exit] = [(); 3].map(|()| self.builder.create_block());
        let counter = self.builder.append_block_param(head, types::I64);
        let most = self.allowed(place, offset, count.n);
        let start = if count.backward {
            self.builder.ins().iadd_imm_s(most, -1)
        } else {
            self.iconst(0)
        };
        self.builder.ins().jump(head, &[BlockArg::Value(start)]);
        self.builder.switch_to_block(head);
        let again = if count.backward {
            let below = IntCC::SignedGreaterThanOrEqual;
            self.builder.ins().icmp_imm_s(below, counter, 0)
        } else {
            let end = self.allowed(place, offset, count.n);
            self.builder.ins().icmp(IntCC::SignedLessThan, counter, end)
        };
        self.builder.ins().brif(again, inner, &[], exit, &[]);
        self.builder.switch_to_block(inner);
        self.builder.seal_block(inner);
        self.values.insert(count.var, counter);
        body(self)?;
        let step = if count.backward { -1 } else { 1 };
        let next = self.builder.ins().iadd_imm_s(counter, step);
        self.builder.ins().jump(head, &[BlockArg::Value(next)]);
        self.builder.seal_block(head);
        self.builder.switch_to_block(exit);
        self.builder.seal_block(exit);
        let ran = if count.backward { most } else { counter };
        self.builder.ins().store(memory(), ran, place, offset);
        Ok(())
    }

    /// How many of at most `n` iterations the limit at a place allows.
    fn allowed(&mut self, place: Value, offset: i32, n: usize) -> Value {
        let limit = self.builder.ins().load(types::I64, memory(), place, offset);
        let (none, all) = (self.iconst(0), self.iconst(n as i64));
        let some = self.builder.ins().smax(limit, none);
        self.builder.ins().smin(some, all)
    }

    fn cond(
        &mut self,
        condition: &Address,
        then: &'p [Step],
        otherwise: &'p [Step],
    ) -> Result<(), Refusal> {
        let holds = self.load(condition, types::I8);
        let blocks = [(); 3].map(|()| self.builder.create_block());
        let [yes, no, join] = blocks;
        self.builder.ins().brif(holds, yes, &[], no, &[]);
        for (block, arm) in [(yes, then), (no, otherwise)] {
            self.builder.switch_to_block(block);
            self.builder.seal_block(block);
            self.steps(arm)?;
            self.builder.ins().jump(join, &[]);
        }
        self.builder.switch_to_block(join);
        self.builder.seal_block(join);
        Ok(())
    }

    fn call(
        &mut self,
        function: usize,
        args: &[Address],
        results: &[Address],
        table: BufferId,
        frame: BufferId,
    ) -> Result<(), Refusal> {
        let start = |buffer| Address {
            buffer,
            index: Affine::default(),
        };
        let table = self.pointer(&start(table));
        let frame = self.pointer(&start(frame));
        for (k, at) in args.iter().chain(results).enumerate() {
            let pointer = self.pointer(at);
            self.builder
                .ins()
                .store(MemFlagsData::trusted(), pointer, table, 8 * k as i32);
        }
        let id = self.pieces.heads[function];
        let callee = self.module.declare_func_in_func(id, self.builder.func);
        let call = self
            .builder
            .ins()
            .call(callee, &[table, frame, self.record]);
        let status = self.builder.inst_results(call)[0];
        if self.pieces.traps[function] {
            self.stop_if(status);
        }
        Ok(())
    }

    fn gemm(&mut self, gemm: &Gemm) -> Result<(), Refusal> {
        let number = |e: &mut Self, n: i64| e.builder.ins().iconst(types::I64, n);
        let mut args = Vec::new();
        for size in [gemm.m, gemm.n, gemm.k] {
            args.push(number(self, size as i64));
        }
        for matrix in [&gemm.a, &gemm.b, &gemm.c] {
            args.push(self.pointer(&matrix.at));
            args.push(number(self, matrix.row));
            args.push(number(self, matrix.column));
        }
        self.call_symbol(&symbols::gemm(gemm.carrier), &args)?;
        Ok(())
    }

    fn random(&mut self, random: &Random) -> Result<(), Refusal> {
        let (key, out) = (self.pointer(&random.key), self.pointer(&random.out));
        let (symbol, third) = match &random.draw {
            // Keys are two words each, and drawn as words.
            Draw::Bits(_) | Draw::Split(_) => {
                let words = random.draw.words();
                (symbols::random_bits(), self.iconst(words as i64))
            }
            Draw::Fold(number) => (symbols::random_fold(), self.pointer(number)),
        };
        let count = self.iconst(random.count as i64);
        self.call_symbol(&symbol, &[key, out, third, count])?;
        Ok(())
    }

    fn sort(&mut self, sort: &Sort) -> Result<(), Refusal> {
        let Some(symbol) = symbols::sort(sort.carrier, sort.descending) else {
            return Err(Refusal::Machine(format!("no order of {}", sort.carrier)));
        };
        let (x, out) = (self.pointer(&sort.x), self.pointer(&sort.out));
        let (rows, n) = (self.iconst(sort.rows as i64), self.iconst(sort.n as i64));
        self.call_symbol(&symbol, &[x, out, rows, n])?;
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), Refusal> {
        let Some(symbol) = symbols::map(map.op, map.carrier) else {
            return Err(Refusal::Machine(format!("no kernel for {:?}", map.op)));
        };
        let (at, n) = (self.pointer(&map.at), self.iconst(map.n as i64));
        self.call_symbol(&symbol, &[at, n])?;
        Ok(())
    }

    fn show(&mut self, what: usize, at: &Address) -> Result<(), Refusal> {
        let args = [self.record, self.iconst(what as i64), self.pointer(at)];
        self.call_symbol(&symbols::show(), &args)?;
        Ok(())
    }

    fn linalg(&mut self, linalg: &Linalg) -> Result<(), Refusal> {
        let sizes = linalg.sizes;
        let numbers = [linalg.op.code(), sizes.count, sizes.rows, sizes.columns];
        let mut args: Vec<Value> = numbers.iter().map(|&n| self.iconst(n as i64)).collect();
        for (arrays, room) in [(&linalg.args, 2), (&linalg.results, 3)] {
            for k in 0..room {
                args.push(match arrays.get(k) {
                    Some(at) => self.pointer(at),
                    None => self.iconst(0),
                });
            }
        }
        self.call_symbol(&symbols::linear(linalg.carrier), &args)?;
        Ok(())
    }

    fn iconst(&mut self, n: i64) -> Value {
        self.builder.ins().iconst(types::I64, n)
    }

    /// Calls a function of the host; its result, if it has one.
    pub fn call_symbol(
        &mut self,
        symbol: &Symbol,
        args: &[Value],
    ) -> Result<Option<Value>, Refusal> {
        let callee = match self.imported.get(&symbol.name) {
            Some(&callee) => callee,
            None => {
                let id = import(self.module, symbol)?;
                let callee = self.module.declare_func_in_func(id, self.builder.func);
                self.imported.insert(symbol.name.clone(), callee);
                callee
            }
        };
        let call = self.builder.ins().call(callee, args);
        Ok(self.builder.inst_results(call).first().copied())
    }

    /// Stops the run unless `0 <= index < size`.
    pub fn check(&mut self, index: Value, size: usize, site: u32) {
        let (stop, on) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(stop);
        let bound = self.iconst(size as i64);
        let inside = self
            .builder
            .ins()
            .icmp(IntCC::UnsignedLessThan, index, bound);
        self.builder.ins().brif(inside, on, &[], stop, &[]);
        self.builder.switch_to_block(stop);
        self.builder.seal_block(stop);
        let site = self.iconst(i64::from(site));
        for (value, offset) in [(site, 0), (index, 8), (bound, 16)] {
            self.builder
                .ins()
                .store(MemFlagsData::trusted(), value, self.record, offset);
        }
        let one = self.builder.ins().iconst(types::I32, 1);
        self.builder.ins().return_(&[one]);
        self.builder.switch_to_block(on);
        self.builder.seal_block(on);
    }

    // Addresses ------------------------------------------------------------------------------

    /// Loads the table's pointers that a nest needs, before its loops.
    fn find_bases(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            match stmt {
                Stmt::Let(_, Expr::Load(at)) | Stmt::Store(at, _) => {
                    self.base(at.buffer);
                }
                Stmt::For(_, body) => self.find_bases(body),
                Stmt::Let(..) | Stmt::Cell(..) | Stmt::Set(..) | Stmt::Check { .. } => {}
            }
        }
    }

    /// Where a buffer starts: a pointer and a byte offset.
    fn base(&mut self, buffer: BufferId) -> (Value, i64) {
        match self.function.buffers[buffer.index()].place {
            Place::Frame(offset) => (self.frame, offset as i64),
            Place::Table(k) => {
                if let Some(&pointer) = self.bases.get(&buffer) {
                    return (pointer, 0);
                }
                let flags = MemFlagsData::trusted().with_readonly().with_can_move();
                let offset = 8 * k as i32;
                let pointer = self
                    .builder
                    .ins()
                    .load(types::I64, flags, self.table, offset);
                self.bases.insert(buffer, pointer);
                (pointer, 0)
            }
        }
    }

    /// An address as a pointer and a small byte offset.
    pub fn place(&mut self, at: &Address) -> (Value, i32) {
        let carrier = self.function.buffers[at.buffer.index()].carrier;
        let size = self.program.bytes(carrier) as i64;
        let (mut pointer, offset) = self.base(at.buffer);
        // Counters of outer loops first, so that what is invariant in the inner ones can leave them.
        for (var, coefficient) in &at.index.terms {
            let value = self.value(*var);
            let scaled = self.builder.ins().imul_imm_s(value, coefficient * size);
            pointer = self.builder.ins().iadd(pointer, scaled);
        }
        let offset = offset + at.index.constant * size;
        match i32::try_from(offset) {
            Ok(small) => (pointer, small),
            Err(_) => (self.builder.ins().iadd_imm_s(pointer, offset), 0),
        }
    }

    /// An address as one pointer.
    fn pointer(&mut self, at: &Address) -> Value {
        let (pointer, offset) = self.place(at);
        self.builder.ins().iadd_imm_s(pointer, i64::from(offset))
    }

    /// Reads an element.
    pub fn load(&mut self, at: &Address, ty: cranelift_codegen::ir::Type) -> Value {
        let (pointer, offset) = self.place(at);
        self.builder.ins().load(ty, memory(), pointer, offset)
    }

    /// The value of a variable as of now.
    pub fn value(&mut self, var: Var) -> Value {
        match self.cells.get(&var) {
            Some(&cell) => self.builder.use_var(cell),
            None => self.values[&var],
        }
    }
}

/// How elements are accessed: always in range, possibly less aligned than a vector.
pub fn memory() -> MemFlagsData {
    MemFlagsData::new().with_notrap()
}
