// A runtime for containerd as its project runwasi makes them: runwasi's library with wasmtime. Its own one for wasmtime is in no registry of
// packages. As that does with modules that are files of an image, this compiles them at each start.
//
// A container with LISTEN=PORT in its environment gets a socket that listens there, as descriptor 4.
use std::net::Ipv4Addr;

use anyhow::{Result, anyhow};
use containerd_shim_wasm::sandbox::Sandbox;
use containerd_shim_wasm::sandbox::context::RuntimeContext;
use containerd_shim_wasm::shim::{Cli, Shim};
use wasi_common::sync::{Dir, TcpListener, WasiCtxBuilder, add_to_linker, ambient_authority};
use wasi_common::{I32Exit, WasiCtx};
use wasmtime::{Engine, Linker, Module, Store};

struct Runwasi;

impl Shim for Runwasi {
    type Sandbox = Guest;

    fn name() -> &'static str {
        "runwasi"
    }
}

#[derive(Clone, Default)]
struct Guest;

impl Sandbox for Guest {
    async fn run_wasi(&self, container: &impl RuntimeContext) -> Result<i32> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.inherit_stdio().args(container.args())?;
        wasi.preopened_dir(Dir::open_ambient_dir("/", ambient_authority())?, "/")?;
        for (name, value) in container.envs().iter().filter_map(|each| each.split_once('=')) {
            wasi.env(name, value)?;
            if name == "LISTEN" {
                let listener = std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, value.parse()?))?;
                wasi.preopened_socket(4, TcpListener::from_std(listener))?;
            }
        }

        let entry = container.entrypoint();
        call(&entry.source.as_bytes()?, &entry.func, wasi.build()).map_err(|error| anyhow!("{error:?}"))
    }
}

/// Calls a function of a module, and returns the exit status.
fn call(module: &[u8], function: &str, wasi: WasiCtx) -> wasmtime::Result<i32> {
    let engine = Engine::default();
    let module = Module::new(&engine, module)?;
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate(&mut store, &module)?;
    match instance.get_typed_func::<(), ()>(&mut store, function)?.call(&mut store, ()) {
        Ok(()) => Ok(0),
        Err(error) => Ok(error.downcast::<I32Exit>()?.0),
    }
}

fn main() {
    Runwasi::run(None);
}
