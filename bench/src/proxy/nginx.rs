//! The reference: nginx with connections to the upstream that are kept, and its log on.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::Outcome;

/// A running nginx. It ends when this is dropped.
pub(super) struct Nginx {
    process: Child,
    pub(super) address: SocketAddr,
}

impl Nginx {
    pub(super) fn start(directory: &Path, upstream: SocketAddr) -> Outcome<Self> {
        let folder = std::fs::canonicalize(directory)?.join("nginx");
        std::fs::create_dir_all(&folder)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let folder_text = folder.display();
        let config = format!(
            "daemon off;\nworker_processes auto;\npid {folder_text}/pid;\nerror_log {folder_text}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n  access_log {folder_text}/access.log combined buffer=64k flush=1s;\n\
             client_body_temp_path {folder_text}/body;\n  proxy_temp_path {folder_text}/proxy;\n\
             fastcgi_temp_path {folder_text}/f;\n  uwsgi_temp_path {folder_text}/u;\n  scgi_temp_path {folder_text}/s;\n\
             keepalive_requests 1000000000;\n\
             upstream api {{ server {upstream}; keepalive 128; keepalive_requests 1000000000; }}\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://api; proxy_http_version 1.1;\n\
             proxy_set_header Connection \"\"; }} }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, config)?;
        let process = Command::new("nginx")
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("nginx cannot be started (Debian: apt-get install nginx-light): {error}")
            })?;
        let address: SocketAddr = (Ipv4Addr::LOCALHOST, port).into();
        let nginx = Self { process, address };
        let until = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(address).is_err() {
            if Instant::now() > until {
                return Err("nginx does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }
}

impl Nginx {
    /// The process that its workers are children of.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}
